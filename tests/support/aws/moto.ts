import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findPython, type FoundPython } from "../python.ts";

const VERSION = "5.2.5";
const START_MS = 120_000;

/** The Python that has moto, or why there is none. `install` puts it into the cache, once. */
export function findMoto(options: { install: boolean }): FoundPython {
  return findPython({ name: `moto-${VERSION}`, what: "moto, the simulator of AWS", requirement: `moto[server,ec2,elb,elbv2,iam,s3,route53]==${VERSION}` }, options);
}

/** Moto, the simulator of AWS's APIs, on a port of its own. */
export class Moto {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  static async start(python: string): Promise<Moto> {
    const port = await freePort();
    // It imports what the folder it starts in has: that is its own.
    const program = `import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from moto.server import main
main(["-H", "127.0.0.1", "-p", "${port}"])`;
    // Its end is that of the test, however that ends.
    const child = spawn(python, ["-c", program], { cwd: path.dirname(python), stdio: ["pipe", "ignore", "ignore"] });
    const until = Date.now() + START_MS;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`moto ended with ${child.exitCode}`);
      if (await fetch(`http://127.0.0.1:${port}/moto-api/`).then((answer) => answer.ok, () => false)) return new Moto(port, child);
      if (Date.now() > until) {
        child.kill("SIGKILL");
        throw new Error(`moto does not answer within ${START_MS} ms`);
      }
      await sleep(100);
    }
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    if (this.#child.exitCode !== null || !this.#child.kill("SIGKILL")) return;
    await gone;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
