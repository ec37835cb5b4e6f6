import { type RpcResponse, type RunningTask } from "../../director/protocol/index.ts";
import type { Action, Call } from "../actions/action.ts";
import { asInteger, asList, asObject, asString, field } from "../decode.ts";
import { readJson, writeAtomic } from "../files.ts";
import type { AgentLog } from "../log.ts";
import type { Task, TaskQueue } from "./task-queue.ts";

const PART = "dispatcher";

/** Asked so often that the log would hold nothing else. */
const POLLED: ReadonlySet<string> = new Set(["ping", "get_state"]);

/** Turns a request into an answer: runs synchronous actions, queues asynchronous ones, tells about tasks. */
export class Dispatcher {
  readonly #actions: ReadonlyMap<string, Action>;
  readonly #tasks: TaskQueue;
  readonly #taskFile: string;
  readonly #log: AgentLog;

  constructor(options: { actions: ReadonlyMap<string, Action>; tasks: TaskQueue; taskFile: string; log: AgentLog }) {
    this.#actions = options.actions;
    this.#tasks = options.tasks;
    this.#taskFile = options.taskFile;
    this.#log = options.log;
  }

  /** Answers again for the tasks that survive a restart of the agent. */
  resume(): void {
    for (const [id, method] of Object.entries(this.#persisted())) {
      const resume = this.#actions.get(method)?.resume;
      if (resume === undefined) this.#forget(id);
      else void this.#tasks.start(this.#tasks.create(undefined, id), resume, () => this.#forget(id));
    }
  }

  /** Throws if the body is not a request at all. */
  async dispatch(body: string): Promise<RpcResponse> {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new Error("the request is not an object");
    const request = asObject(parsed, "request");
    const protocol = asInteger(field(request, "protocol"), "protocol");
    const method = asString(field(request, "method"), "method");
    const given = field(request, "arguments");
    if (method === "get_task") return this.#answer(method, given, (id) => this.#taskValue(id));
    if (method === "cancel_task") return this.#answer(method, given, (id) => this.#cancel(id));
    const action = this.#actions.get(method);
    if (action === undefined) return exception(`unknown message ${method}`);
    if (!POLLED.has(method)) this.#log.info(PART, method);
    const run = async () => {
      const args = asList(given, "arguments");
      if (args.length < action.required) {
        throw new Error(
          `Extracting method arguments from payload: Not enough arguments, expected ${action.required}, got ${args.length}`,
        );
      }
      const call: Call = { protocol };
      return action.run(args, call);
    };
    const isAsync = typeof action.async === "function" ? action.async(protocol) : action.async;
    return isAsync ? this.#queue(method, action, run) : this.#runNow(method, run);
  }

  async #runNow(method: string, run: () => Promise<unknown>): Promise<RpcResponse> {
    try {
      return { value: await run() };
    } catch (error) {
      return this.#failed(method, error);
    }
  }

  async #queue(method: string, action: Action, run: () => Promise<unknown>): Promise<RpcResponse> {
    const task = this.#tasks.create(action.cancel);
    const logged = () =>
      run().catch((error: unknown) => {
        this.#log.error(PART, `${method} (task ${task.id}) failed: ${errorText(error)}`);
        throw error;
      });
    if (action.resume === undefined) {
      await this.#tasks.start(task, logged);
    } else {
      this.#persist({ ...this.#persisted(), [task.id]: method });
      await this.#tasks.start(task, logged, () => this.#forget(task.id));
    }
    return { value: running(task) };
  }

  #answer(method: string, given: unknown, answer: (id: string) => unknown): RpcResponse {
    try {
      const args = asList(given, "arguments");
      if (args.length < 1) throw new Error("Extracting method arguments from payload: Not enough arguments, expected 1, got 0");
      return { value: answer(asString(args[0], "id")) };
    } catch (error) {
      return this.#failed(method, error);
    }
  }

  #taskValue(id: string): unknown {
    const task = this.#find(id);
    if (task.state === "running") return running(task);
    if (task.state === "failed") throw new Error(`Task ${id} result: ${task.error}`);
    return task.value;
  }

  #cancel(id: string): string {
    const task = this.#find(id);
    if (task.state !== "running") return "canceled";
    if (task.cancel === undefined) throw new Error("not supported");
    task.cancel();
    return "canceled";
  }

  #find(id: string): Task {
    const task = this.#tasks.find(id);
    if (task === undefined) throw new Error(`Task with id ${id} could not be found`);
    return task;
  }

  #failed(method: string, error: unknown): RpcResponse {
    const message = `Action Failed ${method}: ${errorText(error)}`;
    this.#log.error(PART, message);
    return exception(message);
  }

  #persisted(): Record<string, string> {
    return asObject(readJson(this.#taskFile), "tasks") as Record<string, string>;
  }

  #persist(tasks: Record<string, string>): void {
    writeAtomic(this.#taskFile, JSON.stringify(tasks), 0o600);
  }

  #forget(id: string): void {
    const { [id]: _, ...others } = this.#persisted();
    this.#persist(others);
  }
}

function running(task: Task): RunningTask {
  return { agent_task_id: task.id, state: "running" };
}

function exception(message: string): RpcResponse {
  return { exception: { message } };
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
