import https from "node:https";
import type { RunningAgent } from "./agent-process.ts";

export interface WireAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** One bare request, as any client might send it. */
export function request(
  agent: RunningAgent,
  options: { method?: string; path?: string; body?: string | Buffer; auth?: string | null; timeout?: number },
): Promise<WireAnswer> {
  const { method = "POST", path = "/agent", body, auth = `mbus:${agent.password}`, timeout = 30_000 } = options;
  return new Promise((resolve, reject) => {
    const req = https.request(
      {
        host: "127.0.0.1",
        port: agent.port,
        servername: agent.agentId,
        ca: agent.authority.ca,
        checkServerIdentity: () => undefined,
        method,
        path,
        agent: false,
        timeout,
        ...(auth !== null && { auth }),
        headers: body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) },
      },
      (res) => {
        const chunks: Buffer[] = [];
        res.on("data", (chunk: Buffer) => chunks.push(chunk));
        res.on("end", () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks).toString("utf8") }));
      },
    );
    req.on("timeout", () => req.destroy(new Error("timeout")));
    req.on("error", reject);
    req.end(body);
  });
}

type Rpc = { value?: unknown; exception?: { message: string } };

/** One RPC envelope. */
export async function rpc(agent: RunningAgent, method: string, args: unknown[] = [], extra: Record<string, unknown> = {}): Promise<Rpc> {
  const { status, body } = await request(agent, { body: JSON.stringify({ protocol: 3, method, arguments: args, reply_to: "any", ...extra }) });
  if (status !== 200) throw new Error(`HTTP ${status}`);
  return JSON.parse(body) as Rpc;
}

export function taskId(answer: Rpc): string {
  const id = (answer.value as { agent_task_id?: string } | undefined)?.agent_task_id;
  if (id === undefined) throw new Error(`no task: ${JSON.stringify(answer)}`);
  return id;
}

/** Polls a task until it is finished, and returns the last answer. */
export async function finished(agent: RunningAgent, id: string): Promise<Rpc> {
  for (;;) {
    const answer = await rpc(agent, "get_task", [id]);
    const value = answer.value as { agent_task_id?: string } | null | undefined;
    if (answer.exception || typeof value !== "object" || value?.agent_task_id === undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** An asynchronous action from start to end. */
export async function run(agent: RunningAgent, method: string, args: unknown[] = [], extra: Record<string, unknown> = {}): Promise<Rpc> {
  return finished(agent, taskId(await rpc(agent, method, args, extra)));
}
