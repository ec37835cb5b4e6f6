import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
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
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(new Error(`cannot start ${program}: ${cause.message}`)));
    child.once("spawn", () => resolve(new CommandStream(program, child)));
  });
}

/** The program's input and output as one stream; its end is the program's. */
class CommandStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(program: string, child: ChildProcessWithoutNullStreams) {
    super();
    this.#child = child;
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString("utf8")).slice(-STDERR_KEPT)));
    child.stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    // A write to a program that has ended: its end is told below.
    child.stdin.on("error", () => undefined);
    child.once("close", (code) => {
      if (code === 0) this.push(null);
      else this.destroy(new Error(`${program} ended with ${code ?? "a signal"}${said.trim() ? `: ${said.trim()}` : ""}`));
    });
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#child.kill();
    // What it has started may hold these open, an SSH master for one; nobody waits for that.
    for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) pipe.destroy();
    done(error);
  }
}
