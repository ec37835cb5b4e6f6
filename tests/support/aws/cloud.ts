import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalGuests } from "../stand-in/guests.ts";
import { Moto } from "./moto.ts";

/** What goes wrong with the next calls of an action. */
export interface Fault {
  /** As the API calls it: `RunInstances`. */
  action: string;
  /** How often. */
  times: number;
  /** `lost`: it is done, but the answer does not arrive. */
  kind: "throttle" | "error" | "quota" | "slow" | "lost";
}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

const DELAY_MS = 1_500;

/** AWS for tests: moto behind a proxy that runs the VMs moto only pretends to, keeps client tokens, and lets calls fail. */
export class AwsCloud {
  readonly faults: Fault[] = [];
  /** How often each action was asked for, failed ones included. */
  readonly calls = new Map<string, number>();
  readonly #guests: LocalGuests;
  readonly #answers = new Map<string, Answer>();
  /** Of volumes, in MiB. */
  readonly #sizes = new Map<string, number>();
  #moto: Moto | undefined;
  #proxy: Server | undefined;

  constructor(guests: LocalGuests) {
    this.#guests = guests;
  }

  async start(python: string): Promise<void> {
    this.#moto = await Moto.start(python);
    const proxy = createServer((from, to) => void this.#serve(from, to).catch((error: unknown) => this.#fail(to, 500, "InternalError", String(error))));
    this.#proxy = proxy;
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  }

  async stop(): Promise<void> {
    this.#proxy?.closeAllConnections();
    this.#proxy?.close();
    await this.#moto?.stop();
  }

  /** What leads Amazon's SDK here. */
  get environment(): Record<string, string> {
    const { port } = this.#proxy!.address() as AddressInfo;
    return { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "eu-central-1", AWS_EC2_METADATA_DISABLED: "true" };
  }

  async #serve(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of from) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const form = new URLSearchParams(from.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ? body.toString() : "");
    const action = form.get("Action") ?? `${from.method}`;
    this.calls.set(action, (this.calls.get(action) ?? 0) + 1);
    const fault = this.#faultOf(action);
    if (fault === "throttle") return this.#fail(to, 503, "RequestLimitExceeded", "Request limit exceeded.");
    if (fault === "error") return this.#fail(to, 500, "InternalError", "An internal error has occurred");
    if (fault === "quota") return this.#fail(to, 400, "VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket that the specified instance type belongs to.");
    if (fault === "slow") await sleep(DELAY_MS);
    const refused = await this.#before(action, form);
    if (refused !== undefined) return this.#fail(to, 400, "IncorrectState", refused);
    const token = form.get("ClientToken");
    // The same token is the same request, as AWS promises; moto makes another object.
    let answer = token === null ? undefined : this.#answers.get(token);
    if (answer === undefined) {
      answer = await this.#ask(from, body);
      if (answer.status < 300) await this.#after(action, form, answer.body.toString());
      if (token !== null && answer.status < 300) this.#answers.set(token, answer);
    }
    if (fault === "lost") return void from.socket.destroy();
    to.writeHead(answer.status, answer.headers);
    to.end(answer.body);
  }

  #faultOf(action: string): Fault["kind"] | undefined {
    const fault = this.faults.find((candidate) => candidate.action === action && candidate.times > 0);
    if (fault !== undefined) fault.times -= 1;
    return fault?.kind;
  }

  #fail(to: ServerResponse, status: number, code: string, message: string): void {
    to.writeHead(status, { "Content-Type": "text/xml" });
    to.end(`<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>0</RequestID></Response>`);
  }

  #ask(from: IncomingMessage, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { "transfer-encoding": _, ...headers } = from.headers;
      const sent = request({ host: "127.0.0.1", port: this.#moto!.port, method: from.method, path: from.url, headers: { ...headers, "content-length": String(body.length) } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const { "transfer-encoding": __, connection: ___, ...rest } = answer.headers;
          resolve({ status: answer.statusCode ?? 500, headers: rest, body: Buffer.concat(chunks) });
        });
      });
      sent.once("error", reject);
      sent.end(body);
    });
  }

  /** What the hypervisor would refuse. */
  async #before(action: string, form: URLSearchParams): Promise<string | undefined> {
    if (action !== "DetachVolume") return undefined;
    try {
      await this.#guests.detach(form.get("InstanceId") ?? "", form.get("VolumeId") ?? "");
      return undefined;
    } catch (error) {
      return String(error);
    }
  }

  async #after(action: string, form: URLSearchParams, xml: string): Promise<void> {
    const volume = form.get("VolumeId") ?? "";
    switch (action) {
      case "RunInstances":
        return this.#guests.boot(first(xml, "instanceId"), Buffer.from(form.get("UserData") ?? "", "base64").toString(), first(xml, "privateIpAddress"));
      case "TerminateInstances":
        return this.#guests.end(form.get("InstanceId.1") ?? "");
      case "AttachVolume":
        await this.#guests.attach(form.get("InstanceId") ?? "", volume, this.#sizes.get(volume) ?? 0, `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume.replace("-", "")}`);
        return;
      case "CreateVolume":
        this.#sizes.set(first(xml, "volumeId"), Number(form.get("Size")) * 1024);
        return;
      case "ModifyVolume":
        this.#sizes.set(volume, Number(form.get("Size")) * 1024);
        return this.#guests.grow(volume, this.#sizes.get(volume)!);
      case "DeleteVolume":
        return this.#guests.forget(volume);
    }
  }
}

function first(xml: string, tag: string): string {
  return new RegExp(`<${tag}>([^<]+)</${tag}>`).exec(xml)?.[1] ?? "";
}
