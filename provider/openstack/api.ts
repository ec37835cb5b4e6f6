import { IaasError, messageOf } from "../../director/core/errors.ts";

const PATIENCE_MS = 20_000;

interface Catalog {
  type: string;
  endpoints: { interface: string; region_id?: string; url: string }[];
}

/** Service types by the names that clouds have given them over time. */
const types: Readonly<Record<string, readonly string[]>> = {
  compute: ["compute"],
  network: ["network"],
  volume: ["block-storage", "block-store", "volumev3"],
  image: ["image"],
  balancer: ["load-balancer"],
};

export type OpenstackService = "compute" | "network" | "volume" | "image" | "balancer";

/** A session with an OpenStack project: asks, and takes away. */
export class OpenstackApi {
  readonly #token: string;
  readonly #catalog: readonly Catalog[];
  readonly #region: string | undefined;
  readonly #interface: string;

  private constructor(token: string, catalog: readonly Catalog[], env: NodeJS.ProcessEnv) {
    this.#token = token;
    this.#catalog = catalog;
    this.#region = env["OS_REGION_NAME"];
    this.#interface = (env["OS_INTERFACE"] ?? "public").replace(/URL$/, "");
  }

  /**
   * Logs in with what the `OS_*` variables say: a password or an application credential.
   *
   * @throws IaasError `iaas.credentials` when they are missing or refused, `iaas.unreachable` (may be tried again) when Keystone does not answer
   */
  static async open(env: NodeJS.ProcessEnv): Promise<OpenstackApi> {
    const url = env["OS_AUTH_URL"];
    if (!url) throw refused("OS_AUTH_URL is not set");
    const base = url.replace(/\/+$/, "").replace(/\/v3$/, "");
    const response = await ask(`${base}/v3/auth/tokens`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ auth: authOf(env) }) });
    if (response.status === 401) throw refused("Keystone refuses them");
    if (!response.ok) throw unreachable(`${base} answers ${response.status}`);
    const { token } = (await response.json()) as { token: { catalog?: Catalog[] } };
    return new OpenstackApi(response.headers.get("X-Subject-Token") ?? "", token.catalog ?? [], env);
  }

  /** Where a service answers; undefined when the cloud has it not. */
  endpoint(service: OpenstackService): string | undefined {
    const entry = this.#catalog.find(({ type }) => types[service]!.includes(type));
    return entry?.endpoints.find((e) => e.interface === this.#interface && (this.#region === undefined || e.region_id === undefined || e.region_id === this.#region))?.url.replace(/\/+$/, "");
  }

  /** @throws IaasError `iaas.unreachable`, retryable for what may pass */
  async get<T>(service: OpenstackService, path: string): Promise<T> {
    const found = await this.find<T>(service, path);
    if (found === undefined) throw unreachable(`${service} answers 404 to ${path}`);
    return found;
  }

  /** As `get`; undefined for what is not there. @throws IaasError as `get` */
  async find<T>(service: OpenstackService, path: string): Promise<T | undefined> {
    const response = await this.#call(service, "GET", path);
    return response.status === 404 ? undefined : ((await response.json()) as T);
  }

  /**
   * All of a collection, page by page; none where the cloud has no such.
   *
   * @param many its name in the answer: `servers`
   * @throws IaasError as `get`
   */
  async list<T>(service: OpenstackService, path: string, many: string): Promise<T[]> {
    const all: T[] = [];
    for (let query = ""; ; ) {
      const response = await this.#call(service, "GET", `${path}${query}`);
      if (response.status === 404) return all;
      const page = (await response.json()) as Record<string, unknown>;
      all.push(...((page[many] ?? []) as T[]));
      const links = (page[`${many}_links`] ?? []) as { rel: string; href: string }[];
      const next = (page["next"] as string | undefined) ?? links.find((link) => link.rel === "next")?.href;
      if (next === undefined) return all;
      // Behind a proxy the address of a link is often another one: what matters is where it goes on.
      query = new URL(next, "http://page").search;
    }
  }

  /** Deletes; what is gone already is fine. @throws IaasError as `get` */
  async remove(service: OpenstackService, path: string): Promise<void> {
    await this.#call(service, "DELETE", path);
  }

  async #call(service: OpenstackService, method: string, path: string): Promise<Response> {
    const response = await ask(`${this.endpoint(service)}${path}`, { method, headers: { "X-Auth-Token": this.#token } });
    if (response.ok || response.status === 404) return response;
    throw unreachable(`${service} answers ${response.status} to ${method} ${path}`, response.status === 429 || response.status >= 500);
  }
}

function authOf(env: NodeJS.ProcessEnv): object {
  const id = env["OS_APPLICATION_CREDENTIAL_ID"];
  if (id) return { identity: { methods: ["application_credential"], application_credential: { id, secret: env["OS_APPLICATION_CREDENTIAL_SECRET"] ?? "" } } };
  const name = env["OS_USERNAME"];
  if (!name) throw refused("OS_USERNAME is not set");
  if (!env["OS_PASSWORD"]) throw refused("OS_PASSWORD is not set");
  const user = { name, password: env["OS_PASSWORD"], domain: { name: env["OS_USER_DOMAIN_NAME"] ?? env["OS_DOMAIN_NAME"] ?? "Default" } };
  const domain = { name: env["OS_PROJECT_DOMAIN_NAME"] ?? env["OS_DOMAIN_NAME"] ?? "Default" };
  const project = env["OS_PROJECT_ID"] ? { id: env["OS_PROJECT_ID"] } : { name: env["OS_PROJECT_NAME"] ?? env["OS_TENANT_NAME"] ?? "", domain };
  return { identity: { methods: ["password"], password: { user } }, scope: { project } };
}

async function ask(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (cause) {
    throw unreachable(`${new URL(url).origin}: ${messageOf((cause as Error).cause ?? cause)}`, true, cause);
  }
}

function refused(why: string): IaasError {
  return new IaasError("iaas.credentials", `No OpenStack credentials: ${why}`, { method: "info", hint: "source the project's openrc file, or set OS_AUTH_URL and OS_APPLICATION_CREDENTIAL_ID and _SECRET" });
}

function unreachable(what: string, retryable = false, cause?: unknown): IaasError {
  return new IaasError("iaas.unreachable", `OpenStack can't be asked: ${what}`, { method: "info", retryable, cause });
}
