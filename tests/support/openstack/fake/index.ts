import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { balancerRoutes } from "./balancer.ts";
import { computeRoutes } from "./compute.ts";
import { networkRoutes } from "./network.ts";
import { imageRoutes, volumeRoutes } from "./storage.ts";
import { Refused, Store, type Guests, type Route } from "./store.ts";

/** What goes wrong with requests, as long as `times` lasts. */
export interface Fault {
  method: string;
  path: RegExp;
  times: number;
  /** A status to answer with instead; `lose-answer` does what was asked and hangs up; a number of milliseconds to wait before. */
  does: { status: number; message?: string; retryAfter?: number } | "lose-answer" | { slowMs: number };
}

const PROJECT = "00000000000000000000000000000001";
const catalogTypes = { compute: "compute/v2.1", network: "network", "block-storage": `volume/v3/${PROJECT}`, image: "image", "load-balancer": "load-balancer" };

/** The API of a small OpenStack on 127.0.0.1: what Keystone, Nova, Neutron, Cinder, Glance and Octavia answer, and refuse. */
export class FakeOpenstack {
  readonly store = new Store();
  readonly faults: Fault[] = [];
  /** `METHOD path status` of each request. */
  readonly requests: string[] = [];
  readonly credentials = { username: "operator", password: randomUUID(), project: "platform", domain: "Default", region: "RegionOne" };
  readonly #routes: Route[];
  readonly #tokens = new Set<string>();
  #http: Server | undefined;

  constructor(guests?: Guests) {
    this.#routes = [...computeRoutes(this.store, guests), ...networkRoutes(this.store, guests), ...volumeRoutes(this.store, guests), ...imageRoutes(this.store), ...balancerRoutes(this.store)];
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http!.address() as AddressInfo).port}`;
  }

  /** What the plugin, the real one too, takes its credentials from. */
  get environment(): Record<string, string> {
    const { username, password, project, domain, region } = this.credentials;
    return { OS_AUTH_URL: `${this.url}/identity/v3`, OS_USERNAME: username, OS_PASSWORD: password, OS_PROJECT_NAME: project, OS_TENANT_NAME: project, OS_DOMAIN_NAME: domain, OS_USER_DOMAIN_NAME: domain, OS_PROJECT_DOMAIN_NAME: domain, OS_REGION_NAME: region };
  }

  async start(): Promise<this> {
    this.#http = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => this.#http!.listen(0, "127.0.0.1", resolve));
    return this;
  }

  async close(): Promise<void> {
    this.#http?.closeAllConnections();
    await new Promise<void>((resolve) => (this.#http ? this.#http.close(() => resolve()) : resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://fake");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const method = request.method ?? "GET";
    const answer = (status: number, body?: unknown, headers: Record<string, string> = {}) => {
      this.requests.push(`${method} ${url.pathname} ${status}`);
      response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(body === undefined ? undefined : JSON.stringify(body));
    };
    const fault = this.faults.find((f) => f.times > 0 && f.method === method && f.path.test(url.pathname));
    if (fault) {
      fault.times -= 1;
      if (fault.does !== "lose-answer" && "slowMs" in fault.does) await sleep(fault.does.slowMs);
      else if (fault.does !== "lose-answer") {
        const { status, message = "made to fail", retryAfter } = fault.does;
        return answer(status, refusal(status, message), retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) });
      }
    }
    try {
      if (method === "POST" && url.pathname === "/identity/v3/auth/tokens") return this.#logIn(JSON.parse(raw.toString("utf8")), answer);
      if (url.pathname.startsWith("/identity")) return answer(200, { version: { id: "v3.14", status: "stable", links: [{ rel: "self", href: `${this.url}/identity/v3/` }] } });
      if (!this.#tokens.has(String(request.headers["x-auth-token"]))) return answer(401, refusal(401, "The request you have made requires authentication."));
      const route = this.#routes.find(([m, path]) => m === method && path.test(url.pathname));
      if (!route) return answer(404, refusal(404, `The fake knows no ${method} ${url.pathname}`));
      const body: unknown = request.headers["content-type"]?.includes("json") && raw.length > 0 ? JSON.parse(raw.toString("utf8")) : undefined;
      const result = await route[2]({ params: route[1].exec(url.pathname)!.slice(1), body, raw, query: url.searchParams });
      if (fault?.does === "lose-answer") {
        this.requests.push(`${method} ${url.pathname} lost`);
        return void response.destroy();
      }
      answer(result.status ?? 200, result.body);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      answer(error.status, refusal(error.status, error.message));
    }
  }

  #logIn({ auth }: { auth: any }, answer: (status: number, body: unknown, headers?: Record<string, string>) => void): void {
    const { name, password } = auth.identity.password?.user ?? {};
    if (name !== this.credentials.username || password !== this.credentials.password) return answer(401, refusal(401, "The request you have made requires authentication."));
    const token = randomUUID();
    this.#tokens.add(token);
    const endpoints = (path: string) => [{ id: randomUUID(), interface: "public", region: this.credentials.region, region_id: this.credentials.region, url: `${this.url}/${path}` }];
    const catalog = Object.entries(catalogTypes).map(([type, path]) => ({ id: randomUUID(), type, name: type, endpoints: endpoints(path) }));
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    answer(201, { token: { methods: ["password"], expires_at: expires, issued_at: new Date().toISOString(), project: { id: PROJECT, name: this.credentials.project }, user: { name }, roles: [{ name: "member" }], catalog } }, { "X-Subject-Token": token });
  }
}

function refusal(status: number, message: string): unknown {
  return { error: { code: status, message }, NeutronError: { message, type: "Refused" } };
}
