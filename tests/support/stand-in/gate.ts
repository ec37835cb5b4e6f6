import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { AccessPath } from "../../../components/iaas/port.ts";
import type { LocalIaas } from "../../../provider/local/index.ts";

// Carries one connection of the deployer, after a line that says where it goes. A shell starts sooner than anything else when the machine is busy.
const CARRY = 'exec 3<>"/dev/tcp/127.0.0.1/$0" || exit 1; echo "$1 $2" >&3; cat <&3 & trap "kill $!" EXIT; trap "exit 0" TERM; cat >&3';

/** The deployer's way to VMs of a local environment that it does not know as such: by a program that carries the bytes. */
export class Gate {
  readonly #iaas: LocalIaas;
  readonly #carried = new Set<Socket>();
  #listener: Server | undefined;

  constructor(iaas: LocalIaas) {
    this.#iaas = iaas;
  }

  get access(): AccessPath {
    const { port } = this.#listener!.address() as AddressInfo;
    return { kind: "command", argv: ["bash", "-c", CARRY, String(port), "%h", "%p"] };
  }

  async start(): Promise<void> {
    this.#listener = createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve) => this.#listener!.listen(0, "127.0.0.1", resolve));
  }

  close(): void {
    this.#listener?.close();
    for (const socket of this.#carried) socket.destroy();
  }

  #accept(socket: Socket): void {
    socket.on("error", () => undefined);
    this.#carried.add(socket);
    socket.once("close", () => this.#carried.delete(socket));
    let head = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\n");
      if (end < 0) return;
      socket.off("data", read);
      socket.pause();
      const [ip = "", port = ""] = head.subarray(0, end).toString("utf8").split(" ");
      // What came with the line is the agent's already.
      void this.#carry(socket, head.subarray(end + 1), ip, Number(port));
    };
    socket.on("data", read);
  }

  async #carry(socket: Socket, first: Buffer, ip: string, port: number): Promise<void> {
    try {
      const stream = await this.#iaas.dial(ip, port);
      stream.on("error", () => socket.destroy());
      socket.on("close", () => stream.destroy());
      if (first.length > 0) stream.write(first);
      socket.pipe(stream).pipe(socket);
    } catch {
      socket.destroy();
    }
  }
}
