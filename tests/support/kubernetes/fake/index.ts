import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { kinds, Objects, Refused, type Thing } from "./objects.ts";
import { PodLife, type Guests } from "./pods.ts";
import { admit } from "./rules.ts";
import { Surroundings } from "./surroundings.ts";

/** What goes wrong with requests, as long as `times` lasts. */
export interface Fault {
  method: string;
  path: RegExp;
  times: number;
  /** A status to answer with instead; `lose-answer` does what was asked and hangs up; a number of milliseconds to wait before. */
  does: { status: number; reason?: string; message?: string; retryAfter?: number } | "lose-answer" | { slowMs: number };
}

/** A real API server, where there is one. */
export interface Judge {
  apply(path: string, wanted: Thing, old: Thing | undefined): Promise<void>;
  delete(path: string, thing: Thing): Promise<void>;
}

const route = /^\/(?:api\/v1|apis\/[a-z0-9.]+\/v1)(?:\/namespaces\/([^/]+)(?=\/))?\/([a-z]+)(?:\/([^/]+))?$/;

/** The API of a small Kubernetes on 127.0.0.1: objects, what an API server refuses, and Pods that live as their guests do. */
export class FakeKubernetes {
  readonly objects = new Objects();
  readonly faults: Fault[] = [];
  /** `METHOD path status` of each request. */
  readonly requests: string[] = [];
  /** At most so many objects of a kind, by plural. */
  readonly quota: Record<string, number> = {};
  readonly surroundings = new Surroundings();
  readonly life: PodLife;
  /** Is asked before this one says yes; what it refuses is in `disagreements`, and is refused here too. */
  judge: Judge | undefined;
  readonly disagreements: string[] = [];
  readonly #token = randomBytes(16).toString("hex");
  readonly #guests: Guests;
  #http: Server | undefined;

  constructor(guests: Guests, zones: readonly string[]) {
    this.#guests = guests;
    this.life = new PodLife(this.objects, guests, zones);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http!.address() as AddressInfo).port}`;
  }

  /** As any client of Kubernetes takes it. */
  get kubeconfig(): string {
    const named = (name: string, what: object) => [{ name, ...what }];
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "fake",
      clusters: named("fake", { cluster: { server: this.url } }),
      users: named("fake", { user: { token: this.#token } }),
      contexts: named("fake", { context: { cluster: "fake", user: "fake" } }),
    });
  }

  async start(): Promise<this> {
    this.#http = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => this.#http!.listen(0, "127.0.0.1", resolve));
    this.life.start();
    return this;
  }

  async close(): Promise<void> {
    await this.life.stop();
    this.#http?.closeAllConnections();
    await new Promise<void>((resolve) => (this.#http ? this.#http.close(() => resolve()) : resolve()));
  }

  /** Pods that a Service leads to, by name. */
  endpoints(service: Thing): string[] {
    const chosen = ({ metadata: { labels = {} } }: Thing) => Object.entries(service.spec.selector as Record<string, string>).every(([key, value]) => labels[key] === value);
    return this.objects.all("pods", service.metadata.namespace).filter(chosen).map((pod) => pod.metadata.name).sort();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://fake");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const method = request.method ?? "GET";
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      this.requests.push(`${method} ${pathname} ${status}`);
      response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
    };
    const refuse = (status: number, reason: string, message: string, headers?: Record<string, string>) => answer(status, { kind: "Status", apiVersion: "v1", status: "Failure", message, reason, code: status }, headers);
    const fault = this.faults.find((f) => f.times > 0 && f.method === method && f.path.test(pathname));
    if (fault) {
      fault.times -= 1;
      if (fault.does !== "lose-answer" && "slowMs" in fault.does) await sleep(fault.does.slowMs);
      else if (fault.does !== "lose-answer") {
        const { status, reason = "InternalError", message = "made to fail", retryAfter } = fault.does;
        return refuse(status, reason, message, retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) });
      }
    }
    try {
      if (request.headers.authorization !== `Bearer ${this.#token}`) throw new Refused(401, "Unauthorized", "Unauthorized");
      const said = this.surroundings.answer(method, pathname, chunks);
      if (said !== undefined) return answer(method === "POST" ? 201 : 200, said);
      const [, namespace = "", plural = "", name] = route.exec(pathname) ?? [];
      if (kinds[plural] === undefined) throw new Refused(404, "NotFound", "the server could not find the requested resource");
      const body = chunks.length === 0 ? undefined : (JSON.parse(Buffer.concat(chunks).toString("utf8")) as Thing);
      const { status, thing } = await this.#answer(method, { plural, namespace, name, pathname }, body);
      if (fault?.does === "lose-answer") {
        this.requests.push(`${method} ${pathname} lost`);
        return void response.destroy();
      }
      answer(status, thing);
    } catch (error) {
      if (error instanceof Refused) refuse(error.status, error.reason, error.message);
      else refuse(500, "InternalError", String(error));
    }
  }

  async #answer(method: string, { plural, namespace, name, pathname }: { plural: string; namespace: string; name: string | undefined; pathname: string }, body: Thing | undefined): Promise<{ status: number; thing: unknown }> {
    if (method === "GET") return { status: 200, thing: name === undefined ? { kind: "List", items: this.objects.all(plural, namespace) } : this.objects.get(plural, namespace, name) };
    if (name === undefined) throw new Refused(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    if (method === "DELETE") {
      const thing = this.objects.get(plural, namespace, name);
      await this.#judged(`DELETE ${pathname}`, this.judge?.delete(pathname, thing));
      return { status: 200, thing: await this.#delete(plural, thing) };
    }
    if (method === "PATCH" && body) return this.#apply({ plural, namespace, name, pathname }, body);
    throw new Refused(405, "MethodNotAllowed", `no ${method} here`);
  }

  /** Server-side apply by one manager: the object is as applied, with what the API itself sets. */
  async #apply({ plural, namespace, name, pathname }: { plural: string; namespace: string; name: string; pathname: string }, wanted: Thing): Promise<{ status: number; thing: Thing }> {
    const { namespaced, kind } = kinds[plural]!;
    if (namespaced && !this.objects.find("namespaces", "", namespace)) throw new Refused(404, "NotFound", `namespaces "${namespace}" not found`);
    if (wanted.kind !== kind || wanted.metadata.name !== name) throw new Refused(400, "BadRequest", "the name or kind of the object does not match the URL");
    const old = this.objects.find(plural, namespace, name);
    if (old?.metadata.deletionTimestamp !== undefined) throw new Refused(409, "Conflict", `object is being deleted: ${plural} "${name}" already exists`);
    const most = this.quota[plural];
    if (!old && most !== undefined && this.objects.all(plural).length >= most) throw new Refused(403, "Forbidden", `${plural} "${name}" is forbidden: exceeded quota: small, requested: ${plural}=1, used: ${plural}=${most}, limited: ${plural}=${most}`);
    admit(this.objects, wanted, old);
    await this.#judged(`PATCH ${pathname}`, this.judge?.apply(pathname, wanted, old));
    const defaults = plural === "services" ? { clusterIP: old?.spec.clusterIP ?? `10.0.${this.requests.length >> 8}.${this.requests.length & 255}` } : {};
    const thing = this.objects.put(plural, namespace, { ...wanted, ...(wanted.spec ? { spec: { ...defaults, ...wanted.spec } } : {}), status: old?.status ?? firstStatus(wanted) });
    if (old && plural === "persistentvolumeclaims" && old.spec.resources.requests.storage !== thing.spec.resources.requests.storage) await this.#guests.grow(thing);
    return { status: old ? 200 : 201, thing };
  }

  async #judged(what: string, verdict: Promise<void> | undefined): Promise<void> {
    try {
      await verdict;
    } catch (error) {
      this.disagreements.push(`${what}: ${String(error)}`);
      throw error;
    }
  }

  async #delete(plural: string, thing: Thing): Promise<Thing> {
    if (plural === "pods") thing.metadata.deletionTimestamp ??= new Date().toISOString();
    else if (plural === "persistentvolumeclaims") {
      thing.metadata.deletionTimestamp ??= new Date().toISOString();
      await this.life.release(thing);
    } else if (plural === "namespaces" && Object.keys(kinds).some((other) => other !== "namespaces" && this.objects.all(other, thing.metadata.name).length > 0)) {
      throw new Refused(409, "Conflict", "this fake ends no namespace that has something in it: whoever made that must have deleted it");
    } else this.objects.remove(plural, thing);
    return thing;
  }
}

function firstStatus({ kind, spec, metadata }: Thing): object {
  if (kind === "Pod" || kind === "PersistentVolumeClaim") return { phase: "Pending" };
  if (kind === "Service" && spec.type === "LoadBalancer") return { loadBalancer: { ingress: [{ hostname: `${metadata.name}.lb.example.com` }] } };
  return {};
}
