import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { IaasError } from "../../director/core/errors.ts";

const WAIT_MS = 15_000;
const TASK_MS = 300_000;
const POLL_MS = 200;

export interface VsphereAccount {
  /** Host, with its port if that is not 443. */
  server: string;
  user: string;
  password: string;
  /** Take a certificate that nobody vouches for. */
  unverified: boolean;
}

/** Something of the inventory, by the vCenter's own id. */
export interface ManagedObject {
  type: string;
  id: string;
}

/** A session with a vCenter, over the little of its SOAP API that is needed to look around and to take away. */
export class VsphereSession {
  readonly #account: VsphereAccount;
  /** Managed objects of the service by their names: `rootFolder`, `viewManager`. */
  readonly #service: ReadonlyMap<string, ManagedObject>;
  readonly version: string;
  #cookie = "";

  private constructor(account: VsphereAccount, content: string) {
    this.#account = account;
    this.#service = new Map([...content.matchAll(/<(\w+)\b[^>]*\btype="(\w+)"[^>]*>([^<]+)</g)].map(([, name = "", type = "", id = ""]) => [name, { type, id }]));
    this.version = textOf(content, "fullName");
  }

  /** @throws IaasError `iaas.vsphere` where it can't be reached, `iaas.credentials` where it refuses the account */
  static async open(account: VsphereAccount): Promise<VsphereSession> {
    const { body: content } = await post(account, "", '<RetrieveServiceContent xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></RetrieveServiceContent>');
    const session = new VsphereSession(account, content);
    await session.#logIn();
    return session;
  }

  async #logIn(): Promise<void> {
    const { user, password, server } = this.#account;
    try {
      await this.#call("sessionManager", "Login", `<userName>${escaped(user)}</userName><password>${escaped(password)}</password>`);
    } catch (error) {
      if (!(error instanceof IaasError) || error.code !== "iaas.vsphere-refused") throw error;
      throw new IaasError("iaas.credentials", `vCenter ${server} refuses the account ${user}`, { method: "login", hint: "set VSPHERE_USER (name@domain) and VSPHERE_PASSWORD" });
    }
  }

  /** Properties of every object of a type, by its id; what it has not is left out. */
  async every(type: string, properties: readonly string[]): Promise<Map<string, Record<string, string>>> {
    const found = await this.everyRaw(type, properties);
    return new Map([...found].map(([id, values]) => [id, Object.fromEntries(Object.entries(values).map(([name, xml]) => [name, plain(xml.split("<", 1)[0]!)]))]));
  }

  /** As `every`, with values as the XML that they are. */
  async everyRaw(type: string, properties: readonly string[]): Promise<Map<string, Record<string, string>>> {
    const root = this.#service.get("rootFolder")!;
    const made = await this.#call("viewManager", "CreateContainerView", `<container type="${root.type}">${root.id}</container><type>${type}</type><recursive>true</recursive>`);
    const view = /<returnval\b[^>]*>([^<]+)</.exec(made)?.[1] ?? "";
    const traversal = '<selectSet xsi:type="TraversalSpec"><name>view</name><type>ContainerView</type><path>view</path><skip>false</skip></selectSet>';
    return this.#retrieve(type, properties, `<obj type="ContainerView">${view}</obj><skip>true</skip>${traversal}`);
  }

  /**
   * Has something done that takes its time, and waits until it is done; gives its result, as XML.
   *
   * @throws IaasError `iaas.vsphere-task` with the fault's type in `details`
   */
  async task(on: ManagedObject | string, method: string, args: string): Promise<string> {
    const started = await this.#call(on, `${method}_Task`, args);
    const id = /<returnval\b[^>]*>([^<]+)</.exec(started)?.[1] ?? "";
    for (const until = Date.now() + TASK_MS; ; await sleep(POLL_MS)) {
      const { "info.state": state = "", "info.result": result = "", "info.error": error = "" } = (await this.#retrieve("Task", ["info.state", "info.result", "info.error"], `<obj type="Task">${id}</obj><skip>false</skip>`)).get(id) ?? {};
      if (state === "success") return result;
      if (state === "error") throw new IaasError("iaas.vsphere-task", `vCenter ${this.#account.server} does not ${method}: ${textOf(error, "localizedMessage")}`, { method, details: { fault: /<fault\b[^>]*\btype="(\w+)"/.exec(error)?.[1] ?? "" } });
      if (Date.now() > until) throw new IaasError("iaas.slow", `${method} is not done after ${TASK_MS / 1000} s`, { method, retryable: true });
    }
  }

  /** Page by page, where there is much. */
  async #retrieve(type: string, properties: readonly string[], from: string): Promise<Map<string, Record<string, string>>> {
    const paths = properties.map((path) => `<pathSet>${path}</pathSet>`).join("");
    const found = new Map<string, Record<string, string>>();
    let page = await this.#call("propertyCollector", "RetrievePropertiesEx", `<specSet><propSet><type>${type}</type><all>false</all>${paths}</propSet><objectSet>${from}</objectSet></specSet><options></options>`);
    for (;;) {
      for (const one of page.split("<objects>").slice(1)) found.set(/<obj\b[^>]*>([^<]+)</.exec(one)?.[1] ?? "", propertiesOf(one));
      const token = textOf(page, "token");
      if (token === "") return found;
      page = await this.#call("propertyCollector", "ContinueRetrievePropertiesEx", `<token>${token}</token>`);
    }
  }

  /** Of these privileges those that the account has not at the root of the inventory. */
  async missing(privileges: readonly string[]): Promise<string[]> {
    const root = this.#service.get("rootFolder")!;
    const wanted = privileges.map((id) => `<privId>${id}</privId>`).join("");
    const answer = await this.#call("authorizationManager", "HasUserPrivilegeOnEntities", `<entities type="${root.type}">${root.id}</entities><userName>${escaped(this.#account.user)}</userName>${wanted}`);
    const granted = new Set([...answer.matchAll(/<privId>([^<]+)<\/privId>\s*<isGranted>true</g)].map(([, id]) => id));
    return privileges.filter((id) => !granted.has(id));
  }

  async close(): Promise<void> {
    await this.#call("sessionManager", "Logout", "");
  }

  async #call(on: ManagedObject | string, method: string, args: string): Promise<string> {
    const object = typeof on === "string" ? this.#service.get(on) : on;
    if (object === undefined) throw new IaasError("iaas.vsphere", `${this.#account.server} has no ${on}: it is no vCenter`, { method });
    const { body, cookie } = await post(this.#account, this.#cookie, `<${method} xmlns="urn:vim25"><_this type="${object.type}">${object.id}</_this>${args}</${method}>`);
    this.#cookie ||= cookie;
    return body;
  }
}

function post({ server, unverified }: VsphereAccount, cookie: string, content: string): Promise<{ body: string; cookie: string }> {
  const [, host = server, port = "443"] = /^(.*?)(?::(\d+))?$/.exec(server) ?? [];
  const envelope = `<?xml version="1.0" encoding="UTF-8"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body>${content}</Body></Envelope>`;
  const method = /<(\w+)/.exec(content)![1]!;
  return new Promise((resolve, reject) => {
    const failed = (cause: Error) => reject(new IaasError("iaas.vsphere", `vCenter ${server} can't be asked: ${cause.message}`, { method, retryable: true, cause, hint: hintFor(cause) }));
    const call = request(
      { host, port, path: "/sdk", method: "POST", rejectUnauthorized: !unverified, timeout: WAIT_MS, headers: { "Content-Type": "text/xml; charset=utf-8", SOAPAction: "urn:vim25/6.7", ...(cookie === "" ? {} : { Cookie: cookie }) } },
      (answer) => {
        answer.toArray().then((chunks) => {
          const body = Buffer.concat(chunks as Buffer[]).toString("utf8");
          if (answer.statusCode === 200) return resolve({ body, cookie: answer.headers["set-cookie"]?.[0]?.split(";")[0] ?? "" });
          reject(new IaasError("iaas.vsphere-refused", `vCenter ${server} answers ${method} with ${answer.statusCode}: ${textOf(body, "faultstring")}`, { method }));
        }, failed);
      },
    );
    call.on("error", failed);
    call.on("timeout", () => call.destroy(new Error(`no answer within ${WAIT_MS / 1000} s`)));
    call.end(envelope);
  });
}

function hintFor({ code }: Error & { code?: string }): string {
  if (code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO/.test(code)) return "add vCenter's CA to NODE_EXTRA_CA_CERTS, or set VSPHERE_ALLOW_UNVERIFIED_SSL=true";
  return "see whether this machine reaches VSPHERE_SERVER on port 443";
}

/** Of one object of an answer. */
function propertiesOf(xml: string): Record<string, string> {
  return Object.fromEntries(
    xml.split("<propSet>").slice(1).map((set) => {
      const value = set.indexOf("<val");
      return [/<name>([^<]+)</.exec(set)?.[1] ?? "", set.slice(set.indexOf(">", value) + 1, set.lastIndexOf("</val>"))];
    }),
  );
}

export function textOf(xml: string, element: string): string {
  return plain(new RegExp(`<${element}\\b[^>]*>([^<]*)<`).exec(xml)?.[1] ?? "");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (one) => entities[one]!);
}

function plain(xml: string): string {
  return xml.replace(/&(amp|lt|gt|quot|#39|apos);/g, (one) => ({ "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"' })[one] ?? "'");
}
