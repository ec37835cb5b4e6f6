import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { makeAuthority, type TestAuthority } from "./agent-certificates.ts";

export type Script = (call: { method: string; args: unknown[]; path: string }, response: ServerResponse, request: IncomingMessage) => unknown;

/** An agent that says what a test wants: for faults that a real one can't be brought to. */
export interface ScriptedAgent {
  authority: TestAuthority;
  port: number;
  calls: string[];
  /** Connections that were ever opened. */
  connections(): number;
  close(): Promise<void>;
}

// Making keys takes longer than a test.
const identities: Record<string, ReturnType<typeof makeIdentity>> = {};

async function makeIdentity(name: string) {
  const authority = await makeAuthority();
  return { authority, pair: await authority.issue(name) };
}

/** The script returns the envelope, or undefined when it has answered (or dropped the connection) itself. */
export async function scriptedAgent(name: string, script: Script): Promise<ScriptedAgent> {
  const { authority, pair } = await (identities[name] ??= makeIdentity(name));
  const calls: string[] = [];
  let connections = 0;
  const server = createServer({ cert: pair.certificate, key: pair.private_key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const isRpc = request.url === "/agent";
      const body = isRpc ? (JSON.parse(Buffer.concat(chunks).toString()) as { method: string; arguments: unknown[] }) : { method: "", arguments: [] };
      calls.push(isRpc ? body.method : `${request.method} ${request.url}`);
      const answer = script({ method: body.method, args: body.arguments, path: request.url ?? "" }, response, request);
      if (answer !== undefined) response.end(JSON.stringify(answer));
    });
  });
  server.on("secureConnection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    authority,

    port: (server.address() as AddressInfo).port,
    calls,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
