import { setTimeout as sleep } from "node:timers/promises";

const TRIES = 8;
const POLL_MS = 50;
const LONGEST_WAIT_MS = 120_000;

export interface Credentials {
  authUrl: string;
  userName: string;
  password: string;
  tenantName: string;
  domainName: string;
}

/** A refusal of the API, in the words of the provider for people. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, what: string, body: string) {
    super(`Error ${what}: Expected HTTP response code [200 201 202 204], but got ${status} instead: ${body}`);
    this.status = status;
  }
}

/** The OpenStack API as the provider uses it: one token, the catalog's endpoints, patience with 429. */
export class Api {
  readonly #credentials: Credentials;
  #session: Promise<{ token: string; endpoints: Map<string, string> }> | undefined;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  async call<T = any>(service: string, method: string, path: string, body?: unknown): Promise<T> {
    const { token, endpoints } = await (this.#session ??= this.#logIn());
    const url = `${endpoints.get(service)}${path}`;
    const raw = Buffer.isBuffer(body);
    for (let attempt = 1; ; attempt += 1) {
      let response: Response;
      try {
        response = await fetch(url, { method, headers: { "X-Auth-Token": token, ...(body === undefined ? {} : { "Content-Type": raw ? "application/octet-stream" : "application/json" }) }, body: body === undefined ? null : raw ? new Uint8Array(body) : JSON.stringify(body) });
      } catch (cause) {
        // The cloud may have done what a request asked for: only questions are asked again.
        if (method === "GET" && attempt < TRIES) {
          await sleep(POLL_MS * attempt);
          continue;
        }
        throw new Error(`Error of ${method} ${path}: ${((cause as Error).cause as Error | undefined)?.message ?? String(cause)}`, { cause });
      }
      const text = await response.text();
      const again = response.status === 429 || (method === "GET" && response.status >= 500);
      if (again && attempt < TRIES) {
        await sleep(Number(response.headers.get("Retry-After") ?? 0) * 1000 || POLL_MS * attempt);
        continue;
      }
      if (!response.ok) throw new ApiError(response.status, `of ${method} ${path}`, text);
      return (text === "" ? {} : JSON.parse(text)) as T;
    }
  }

  /** Asks until the answer is one to go on with. */
  async until<T>(ask: () => Promise<T>, good: (answer: T) => boolean, bad: (answer: T) => string | undefined = () => undefined): Promise<T> {
    const end = Date.now() + LONGEST_WAIT_MS;
    for (;;) {
      const answer = await ask();
      if (good(answer)) return answer;
      const problem = bad(answer);
      if (problem !== undefined) throw new Error(problem);
      if (Date.now() > end) throw new Error("timeout while waiting for state to become 'ACTIVE'");
      await sleep(POLL_MS);
    }
  }

  /** Deletes, and waits until it is gone; what is gone already is fine. */
  async remove(service: string, path: string, patient = false): Promise<void> {
    const deletion = () =>
      this.call(service, "DELETE", path).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ApiError && error.status === 404) return true;
          if (patient && error instanceof ApiError && error.status === 409) return false;
          throw error;
        },
      );
    await this.until(deletion, (done) => done);
  }

  async isThere(service: string, path: string): Promise<boolean> {
    return this.call(service, "GET", path).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return false;
        throw error;
      },
    );
  }

  async #logIn(): Promise<{ token: string; endpoints: Map<string, string> }> {
    const { authUrl, userName, password, tenantName, domainName } = this.#credentials;
    const domain = { name: domainName };
    const auth = { identity: { methods: ["password"], password: { user: { name: userName, password, domain } } }, scope: { project: { name: tenantName, domain } } };
    const response = await fetch(`${authUrl}/auth/tokens`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ auth }) });
    if (!response.ok) throw new Error(`Authentication failed: ${await response.text()}`);
    const { token } = (await response.json()) as { token: { catalog: { type: string; endpoints: { url: string }[] }[] } };
    return { token: response.headers.get("X-Subject-Token") ?? "", endpoints: new Map(token.catalog.map(({ type, endpoints }) => [type, endpoints[0]!.url])) };
  }
}
