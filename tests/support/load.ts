import http from "node:http";

export interface LoadOptions {
  url: string;
  /** Requests per second, sent at their time whatever became of earlier ones. */
  rate: number;
  /** How many of them come over connections of their own. Default: every second. */
  freshEvery?: number;
  /** Connections that are kept. Default: 20. */
  connections?: number;
  /** Milliseconds after which a request has failed. Default: 15,000. */
  timeout?: number;
  /** Looks at a good answer; what it throws is a failure. */
  check?(body: string): void;
}

export interface LoadReport {
  sent: number;
  failed: number;
  /** The first of them, with their time. */
  failures: string[];
  seconds: number;
  /** Milliseconds. */
  median: number;
  slowest: number;
}

const KEPT_FAILURES = 20;

/** Open-loop load: half over kept connections, half over fresh ones, no retries. A request fails unless it is answered with 200 in time. */
export class Load {
  readonly #options: Required<LoadOptions>;
  readonly #agent: http.Agent;
  readonly #timer: NodeJS.Timeout;
  readonly #began = performance.now();
  readonly #latencies: number[] = [];
  readonly #failures: string[] = [];
  readonly #open = new Set<Promise<void>>();
  #sent = 0;
  #failed = 0;

  constructor(options: LoadOptions) {
    this.#options = { freshEvery: 2, connections: 20, timeout: 15_000, check: () => undefined, ...options };
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: this.#options.connections });
    this.#timer = setInterval(() => this.#sendDue(), 5);
  }

  /** Sends no more, waits for what is under way, and says how it went. */
  async stop(): Promise<LoadReport> {
    clearInterval(this.#timer);
    const seconds = (performance.now() - this.#began) / 1000;
    await Promise.all(this.#open);
    this.#agent.destroy();
    const sorted = this.#latencies.sort((a, b) => a - b);
    return { sent: this.#sent, failed: this.#failed, failures: this.#failures, seconds, median: sorted[sorted.length >> 1] ?? 0, slowest: sorted.at(-1) ?? 0 };
  }

  #sendDue(): void {
    const due = ((performance.now() - this.#began) / 1000) * this.#options.rate;
    while (this.#sent < due) {
      const kept = this.#sent % this.#options.freshEvery !== 0;
      this.#sent++;
      const request = this.#send(kept).finally(() => this.#open.delete(request));
      this.#open.add(request);
    }
  }

  async #send(kept: boolean): Promise<void> {
    const began = performance.now();
    try {
      const { status, body } = await ask(this.#options.url, { agent: kept ? this.#agent : false, timeout: this.#options.timeout });
      if (status !== 200) throw new Error(`status ${status}: ${body.slice(0, 80)}`);
      this.#options.check(body);
    } catch (error) {
      this.#failed++;
      const text = `${new Date().toISOString()} ${kept ? "kept" : "fresh"} connection, after ${Math.round(performance.now() - began)} ms: ${(error as Error).message}`;
      if (this.#failures.length < KEPT_FAILURES) this.#failures.push(text);
    }
    this.#latencies.push(performance.now() - began);
  }
}

export interface Answer {
  status: number;
  body: string;
}

export interface AskOptions {
  /** Default: a connection of its own. */
  agent?: http.Agent | false;
  /** Milliseconds. Default: 15,000. */
  timeout?: number;
  /** Sent as JSON, by POST. */
  posted?: object;
}

/** One GET, or a POST when there is something to send. */
export function ask(url: string, { agent = false, timeout = 15_000, posted }: AskOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = posted && JSON.stringify(posted);
    const headers = sent ? { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(sent) } : {};
    const request = http.request(url, { agent, method: sent ? "POST" : "GET", headers, signal: AbortSignal.timeout(timeout) }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on("error", reject);
    request.end(sent);
  });
}
