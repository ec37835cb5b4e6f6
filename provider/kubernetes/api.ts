import http from "node:http";
import https from "node:https";
import { IaasError } from "../../director/core/errors.ts";
import type { KubernetesAccess } from "./kubeconfig.ts";

const PATIENCE_MS = 20_000;

/** An API server: asks, and takes away. */
export class KubernetesApi {
  readonly #access: KubernetesAccess;

  constructor(access: KubernetesAccess) {
    this.#access = access;
  }

  /**
   * Answers what the server says to a question.
   *
   * @param body makes it a review: a question that is asked by POST
   * @throws IaasError `iaas.unreachable` (may be tried again), `iaas.credentials`, or `iaas.forbidden`
   */
  async ask<T>(path: string, body?: object): Promise<T> {
    const { status, text } = await this.#send(body === undefined ? "GET" : "POST", path, body);
    this.#check(status, path);
    return JSON.parse(text) as T;
  }

  /** Names, labels and annotations of a collection's objects, and nothing of what they hold. @throws IaasError as `ask` */
  async listed<T>(path: string): Promise<T[]> {
    const { status, text } = await this.#send("GET", path, undefined, "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
    this.#check(status, path);
    return (JSON.parse(text) as { items: T[] }).items;
  }

  /** As `ask`; undefined for what is not there. @throws IaasError as `ask` */
  async find<T>(path: string): Promise<T | undefined> {
    const { status, text } = await this.#send("GET", path);
    if (status === 404) return undefined;
    this.#check(status, path);
    return JSON.parse(text) as T;
  }

  /** Deletes; what is gone already is fine. @throws IaasError as `ask` */
  async remove(path: string): Promise<void> {
    const { status } = await this.#send("DELETE", path);
    if (status !== 404) this.#check(status, path, "delete");
  }

  #check(status: number, path: string, verb = "read"): void {
    if (status === 401) throw new IaasError("iaas.credentials", `The API server does not accept the credentials of context '${this.#access.context}'`, { method: "info", hint: "log in again, or choose another context" });
    if (status === 403) throw new IaasError("iaas.forbidden", `Context '${this.#access.context}' may not ${verb} ${path}`, { method: "info", hint: "give its user this right" });
    if (status >= 300) throw unreachable(`${path} is answered with ${status}`, status === 429 || status >= 500);
  }

  #send(method: string, path: string, body?: object, accept = "application/json"): Promise<{ status: number; text: string }> {
    const { server, ca, insecure, token, certificate, key } = this.#access;
    const url = new URL(`${server}${path}`);
    const options = {
      method,
      headers: { Accept: accept, ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) },
      timeout: PATIENCE_MS,
      ca,
      cert: certificate,
      key,
      rejectUnauthorized: !insecure,
    };
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(unreachable(`${url.origin}: ${error.message}`, true, error));
      const request = (url.protocol === "http:" ? http : https).request(url, options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", fail);
        response.once("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }));
      });
      request.once("timeout", () => request.destroy(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
      request.once("error", fail);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function unreachable(what: string, retryable: boolean, cause?: unknown): IaasError {
  return new IaasError("iaas.unreachable", `Kubernetes can't be asked: ${what}`, { method: "info", retryable, cause });
}
