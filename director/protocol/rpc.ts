/** Protocol number of every request: with 3, `stop` waits until the processes have stopped. */
export const PROTOCOL_VERSION = 3;

/** Tasks an agent accepts beside the running one; the next asynchronous call blocks until a place is free. */
export const TASK_QUEUE_PLACES = 5;

export interface RpcRequest {
  protocol: number;
  method: string;
  arguments: unknown[];
  reply_to: string;
}

export type RpcResponse = { value: unknown } | { exception: { message: string } };

/** What an unfinished task answers; any other value is its result. */
export interface RunningTask {
  agent_task_id: string;
  state: string;
}

export function isRunningTask(value: unknown): value is RunningTask {
  return typeof value === "object" && value !== null && "agent_task_id" in value && "state" in value;
}
