import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { dialCommand } from "../../../provider/dial-command.ts";

const CARRY = 'const [,host,port]=process.argv;const s=require("net").connect(port,host);process.stdin.pipe(s).pipe(process.stdout)';

test("bytes go through the program, which is told address and port", async (t) => {
  const echo = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  t.after(() => echo.close());
  const stream = await dialCommand([process.execPath, "-e", CARRY, "%h", "%p"], "127.0.0.1", (echo.address() as AddressInfo).port);
  stream.write("hello");
  const [answer] = (await once(stream, "data")) as [Buffer];
  assert.equal(answer.toString(), "hello");
  stream.destroy();
});

test("a percent sign can be written", async () => {
  const stream = await dialCommand(["echo", "100%%", "%h:%p"], "10.0.0.1", 6868);
  const [said] = (await once(stream, "data")) as [Buffer];
  assert.equal(said.toString(), "100% 10.0.0.1:6868\n");
  stream.destroy();
});

test("a program that fails says why; one that is not there, too", async () => {
  const stream = await dialCommand(["sh", "-c", "echo no route to the jumpbox >&2; exit 3"], "10.0.0.1", 22);
  const [error] = (await once(stream, "error")) as [Error];
  assert.match(error.message, /^sh ended with 3: no route to the jumpbox$/);
  await assert.rejects(dialCommand(["/no/such/program"], "10.0.0.1", 22), /cannot start \/no\/such\/program/);
});
