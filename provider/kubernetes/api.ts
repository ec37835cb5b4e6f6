import http from "node:http";
import https from "node:https";
import { IaasError } from "../../director/core/errors.ts";
import type { KubernetesAccess } from "./kubeconfig.ts";

const PATIENCE_MS = 20_000;

/** An API server as `repave doctor` asks it. */
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
    const { status, text } = await this.#send(path, body);
    if (status === 401) throw new IaasError("iaas.credentials", `The API server does not accept the credentials of context '${this.#access.context}'`, { method: "info", hint: "log in again, or choose another context" });
    if (status === 403) throw new IaasError("iaas.forbidden", `Context '${this.#access.context}' may not read ${path}`, { method: "info", hint: "give its user this right" });
    if (status >= 300) throw unreachable(`${path} is answered with ${status}`, status === 429 || status >= 500);
    return JSON.parse(text) as T;
  }

  #send(path: string, body: object | undefined): Promise<{ status: number; text: string }> {
    const { server, ca, insecure, token, certificate, key } = this.#access;
    const url = new URL(`${server}${path}`);
    const options = {
      method: body === undefined ? "GET" : "POST",
      headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) },
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
