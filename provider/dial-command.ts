import { spawn } from "node:child_process";
import { Duplex } from "node:stream";

const STDERR_KEPT = 500;

/**
 * Connects through a program that carries the bytes on its standard input and output, as OpenSSH's ProxyCommand does: `%h` and `%p` in its
 * arguments stand for the address and the port.
 *
 * @example
 * dialCommand(["ssh", "-W", "%h:%p", "jumpbox.example.com"], "10.0.1.5", 6868);
 */
export function dialCommand(argv: readonly string[], ip: string, port: number): Promise<Duplex> {
  const [program = "", ...args] = argv.map((part) => part.replace(/%([hp%])/g, (_all, key: string) => ({ h: ip, p: String(port), "%": "%" })[key]!));
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString("utf8")).slice(-STDERR_KEPT)));
  child.stdin.on("error", () => undefined);
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(new Error(`cannot start ${program}: ${cause.message}`)));
    child.once("spawn", () => {
      const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
      stream.once("close", () => child.kill());
      child.once("close", (code) => {
        if (code !== 0 && !stream.destroyed) stream.destroy(new Error(`${program} ended with ${code ?? "a signal"}${said.trim() ? `: ${said.trim()}` : ""}`));
      });
      resolve(stream);
    });
  });
}
