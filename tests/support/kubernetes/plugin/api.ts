import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fields } from "../../stand-in/kind.ts";

const TRIES = 8;
const POLL_MS = 50;

/** A refusal of the API server, in its own words. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The Kubernetes API as the provider uses it: server-side apply, patience where the server asks for it. */
export class Api {
  readonly #url: string;
  readonly #token: string;

  constructor(kubeconfig: string) {
    const config = JSON.parse(kubeconfig.trimStart().startsWith("{") ? kubeconfig : readFileSync(kubeconfig, "utf8")) as Fields;
    const context = (config["contexts"] as Fields[]).find((c) => c["name"] === config["current-context"])!["context"] as { cluster: string; user: string };
    this.#url = ((config["clusters"] as Fields[]).find((c) => c["name"] === context.cluster)!["cluster"] as { server: string }).server;
    this.#token = ((config["users"] as Fields[]).find((u) => u["name"] === context.user)!["user"] as { token: string }).token;
  }

  /** A client of Kubernetes asks again when the server says when; a lost answer and other errors are its user's. */
  async #call(method: string, path: string, body?: unknown): Promise<Fields> {
    for (let attempt = 1; ; attempt += 1) {
      let response: Response;
      try {
        response = await fetch(`${this.#url}${path}`, { method, headers: { Authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : { "Content-Type": "application/apply-patch+yaml" }) }, body: body === undefined ? null : JSON.stringify(body) });
      } catch (cause) {
        throw new Error(`${method} ${path}: ${((cause as Error).cause as Error | undefined)?.message ?? String(cause)}`, { cause });
      }
      const answer = (await response.json()) as Fields;
      if (response.ok) return answer;
      const after = response.headers.get("Retry-After");
      if (after === null || attempt === TRIES) throw new ApiError(response.status, `${String(answer["message"])}`);
      await sleep(Number(after) * 1000);
    }
  }

  async find(path: string): Promise<Fields | undefined> {
    try {
      return await this.#call("GET", path);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  apply(path: string, object: Fields): Promise<Fields> {
    return this.#call("PATCH", `${path}?fieldManager=pulumi-kubernetes&force=true`, object);
  }

  /** Deletes, and waits until it is gone. */
  async remove(path: string, deadlineMs: number): Promise<void> {
    if ((await this.find(path)) === undefined) return;
    await this.#call("DELETE", path);
    for (const until = Date.now() + deadlineMs; (await this.find(path)) !== undefined; await sleep(POLL_MS)) if (Date.now() > until) throw new Error(`${path} is still there`);
  }

  /** Asks until the object is as wanted. */
  async until(path: string, wanted: (object: Fields) => boolean, deadlineMs: number): Promise<Fields> {
    for (const until = Date.now() + deadlineMs; ; await sleep(POLL_MS)) {
      const object = await this.#call("GET", path);
      if (wanted(object)) return object;
      if (Date.now() > until) throw new Error(`timed out waiting for ${path}: ${JSON.stringify(object["status"])}`);
    }
  }
}
