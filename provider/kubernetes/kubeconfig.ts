import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { IaasError, messageOf } from "../../director/core/errors.ts";
import { parseYaml, toPlain } from "../../director/yaml/index.ts";

const PATIENCE_MS = 20_000;
const IN_POD = "/var/run/secrets/kubernetes.io/serviceaccount";
const text = z.string().min(1);

const schema = z.object({
  "current-context": z.string().default(""),
  clusters: z.array(z.object({ name: text, cluster: z.object({ server: text, "certificate-authority": text.optional(), "certificate-authority-data": text.optional(), "insecure-skip-tls-verify": z.boolean().optional() }) })).default([]),
  users: z
    .array(
      z.object({
        name: text,
        user: z
          .object({
            token: text.optional(),
            tokenFile: text.optional(),
            "client-certificate": text.optional(),
            "client-certificate-data": text.optional(),
            "client-key": text.optional(),
            "client-key-data": text.optional(),
            exec: z.object({ apiVersion: text, command: text, args: z.array(z.string()).nullish(), env: z.array(z.object({ name: text, value: z.string() })).nullish() }).optional(),
          })
          .nullish(),
      }),
    )
    .default([]),
  contexts: z.array(z.object({ name: text, context: z.object({ cluster: text, user: z.string().default(""), namespace: text.optional() }) })).default([]),
});

type Kubeconfig = z.infer<typeof schema>;

/** Where an API server is, and as whom to speak to it. */
export interface KubernetesAccess {
  /** Of the kubeconfig. */
  context: string;
  server: string;
  namespace: string;
  ca?: string | undefined;
  insecure: boolean;
  token?: string | undefined;
  certificate?: string | undefined;
  key?: string | undefined;
}

/** What a provider was told instead of the usual places. */
export interface GivenKubeconfig {
  /** Its contents, or a path of it. */
  kubeconfig?: string | undefined;
  context?: string | undefined;
}

/**
 * What `KUBECONFIG` says, `~/.kube/config`, or in a Pod its service account.
 *
 * @throws IaasError `iaas.credentials` when they are missing or not understood
 */
export async function kubernetesAccess(env: NodeJS.ProcessEnv, told: GivenKubeconfig = {}): Promise<KubernetesAccess> {
  if (told.kubeconfig !== undefined && !existsSync(told.kubeconfig)) return accessOf([{ file: "the provider's kubeconfig", config: understood("the provider's kubeconfig", told.kubeconfig) }], told.context, env);
  const named = told.kubeconfig || env["KUBECONFIG"] || path.join(env["HOME"] ?? os.homedir(), ".kube", "config");
  const given = named.split(path.delimiter).filter((file) => existsSync(file));
  if (given.length === 0) {
    const inPod = env["KUBERNETES_SERVICE_HOST"];
    if (!inPod) throw refused("there is no kubeconfig");
    return { context: "this Pod's", server: `https://${inPod}:${env["KUBERNETES_SERVICE_PORT"] ?? "443"}`, namespace: readFileSync(`${IN_POD}/namespace`, "utf8"), ca: readFileSync(`${IN_POD}/ca.crt`, "utf8"), insecure: false, token: readFileSync(`${IN_POD}/token`, "utf8") };
  }
  return accessOf(given.map((file) => ({ file, config: understood(file, readFileSync(file, "utf8")) })), told.context, env);
}

async function accessOf(all: readonly { file: string; config: Kubeconfig }[], wanted: string | undefined, env: NodeJS.ProcessEnv): Promise<KubernetesAccess> {
  // Of several files the first that says something wins.
  const find = <K extends "clusters" | "users" | "contexts">(kind: K, name: string) => all.flatMap(({ file, config }) => config[kind].filter((one) => one.name === name).map((one) => ({ file, one: one as Kubeconfig[K][number] })))[0];
  const context = wanted ?? all.map(({ config }) => config["current-context"]).find((name) => name !== "") ?? "";
  const chosen = find("contexts", context)?.one as Kubeconfig["contexts"][number] | undefined;
  if (chosen === undefined) throw refused(context === "" ? "the kubeconfig has no current context" : `the kubeconfig has no context '${context}'`);
  const cluster = find("clusters", chosen.context.cluster) as { file: string; one: Kubeconfig["clusters"][number] } | undefined;
  if (cluster === undefined) throw refused(`the kubeconfig has no cluster '${chosen.context.cluster}'`);
  const user = find("users", chosen.context.user) as { file: string; one: Kubeconfig["users"][number] } | undefined;
  const { server, ...trust } = cluster.one.cluster;
  return {
    context,
    server: server.replace(/\/+$/, ""),
    namespace: chosen.context.namespace ?? "default",
    ca: content(cluster.file, trust["certificate-authority-data"], trust["certificate-authority"]),
    insecure: trust["insecure-skip-tls-verify"] ?? false,
    ...(await credentials(user?.file ?? "", user?.one.user ?? {}, env)),
  };
}

function understood(file: string, content: string): Kubeconfig {
  try {
    return schema.parse(toPlain(parseYaml(content, { file, secret: true }).value));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? cause.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ") : messageOf(cause);
    throw refused(`${file} is no kubeconfig: ${why}`, cause);
  }
}

async function credentials(file: string, user: NonNullable<Kubeconfig["users"][number]["user"]>, env: NodeJS.ProcessEnv): Promise<Pick<KubernetesAccess, "token" | "certificate" | "key">> {
  if (user.exec !== undefined) return fromProgram(file, user.exec, env);
  const certificate = content(file, user["client-certificate-data"], user["client-certificate"]);
  return { token: user.token ?? (user.tokenFile && content(file, undefined, user.tokenFile))?.trim(), certificate, key: content(file, user["client-key-data"], user["client-key"]) };
}

/** Clouds' own programs give short-lived credentials: `aws eks get-token` for one. */
async function fromProgram(file: string, { apiVersion, command, args, env: more }: { apiVersion: string; command: string; args?: string[] | null | undefined; env?: { name: string; value: string }[] | null | undefined }, env: NodeJS.ProcessEnv): Promise<Pick<KubernetesAccess, "token" | "certificate" | "key">> {
  const program = command.includes("/") ? path.resolve(path.dirname(file), command) : command;
  const info = JSON.stringify({ apiVersion, kind: "ExecCredential", spec: { interactive: false } });
  try {
    const { stdout } = await promisify(execFile)(program, args ?? [], { timeout: PATIENCE_MS, env: { ...env, ...Object.fromEntries((more ?? []).map(({ name, value }) => [name, value])), KUBERNETES_EXEC_INFO: info } });
    const { status } = z.object({ status: z.object({ token: text.optional(), clientCertificateData: text.optional(), clientKeyData: text.optional() }) }).parse(JSON.parse(stdout));
    return { token: status.token, certificate: status.clientCertificateData, key: status.clientKeyData };
  } catch (cause) {
    // What it has printed may be the credential.
    throw refused(`${command} gives none${(cause as NodeJS.ErrnoException).code === "ENOENT" ? ": it is not there" : ""}`);
  }
}

function content(file: string, data: string | undefined, named: string | undefined): string | undefined {
  if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
  if (named === undefined) return undefined;
  const full = path.resolve(path.dirname(file), named);
  if (existsSync(full)) return readFileSync(full, "utf8");
  throw refused(`${full}, which the kubeconfig names, is not there`);
}

function refused(why: string, cause?: unknown): IaasError {
  return new IaasError("iaas.credentials", `No Kubernetes credentials: ${why}`, { method: "info", hint: "set KUBECONFIG to a file whose current context is the environment's cluster", cause });
}
