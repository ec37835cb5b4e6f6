import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, connect, type AddressInfo } from "node:net";
import { test } from "node:test";
import { dialCommand } from "../../../provider/dial-command.ts";
import { Gate } from "../../support/stand-in/gate.ts";

test("the way in to VMs of simulated clouds loses no byte, however it comes", async (t) => {
  const echo = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const { port } = echo.address() as AddressInfo;
  const gate = new Gate({ dial: async () => connect(port, "127.0.0.1") } as never);
  await gate.start();
  t.after(() => (gate.close(), echo.close()));
  assert.ok(gate.access.kind === "command");
  const { argv } = gate.access;
  await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const stream = await dialCommand(argv, "10.0.0.1", 6868);
      const text = `line ${i}\n`.repeat(2000);
      stream.write(text);
      let seen = "";
      while (seen.length < text.length) seen += String(((await once(stream, "data")) as [Buffer])[0]);
      assert.equal(seen, text);
      stream.destroy();
    }),
  );
});
