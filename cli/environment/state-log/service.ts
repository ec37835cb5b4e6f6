import { randomBytes, timingSafeEqual } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { messageOf } from "../../../director/core/errors.ts";
import { type Entry, entrySchema } from "./entry.ts";

/** What the engine is to find out and to have kept. */
export interface ServedState {
  /** The checkpoint of a stack of this backend; undefined where there is none. */
  deployment(project: string, stack: string): { version: number; features?: string[] | undefined; deployment: unknown } | undefined;
  begin(): void;
  append(entries: Entry[]): void;
  /** Forgets the stack of this update; false while it still has resources. */
  remove(): boolean;
  /** The numbers of resources by what became of them, as they are known at the end. */
  summary(changes: Record<string, number>): void;
}

export interface Service {
  url: string;
  close(): void;
}

/** The organization that a file backend gives all its stacks. */
const OWNER = "organization";
const UPDATE_KINDS = "update|destroy|refresh|preview";
/** The engine's journal, version 1. */
const JOURNAL = 1;

class NotFound extends Error {}
class NotEmpty extends Error {}

const entriesSchema = z.object({ entries: z.array(entrySchema) });
const eventsSchema = z.object({ events: z.array(z.looseObject({ summaryEvent: z.looseObject({ resourceChanges: z.record(z.string(), z.number()).optional() }).optional() })).nullish() });

/**
 * Answers one engine, on a port of 127.0.0.1, as Pulumi's own service would: that is the only backend to which the engine
 * tells what each step changes, instead of writing everything after each. `credentials` is the folder with what lets it in.
 */
export async function serveState(state: ServedState, credentials: string): Promise<Service> {
  const token = randomBytes(24).toString("base64url");
  const routes = routesOf(state, token);
  const server = http.createServer((request, response) => {
    void answer(request, routes, token).then(({ code, body }) => {
      response.writeHead(code, { "content-type": "application/json" }).end(body === undefined ? "" : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  mkdirSync(credentials, { recursive: true, mode: 0o700 });
  const account = { accessToken: token, username: OWNER, organizations: [OWNER], lastValidatedAt: new Date().toISOString() };
  writeFileSync(path.join(credentials, "credentials.json"), JSON.stringify({ current: url, accessTokens: { [url]: token }, accounts: { [url]: account } }), { mode: 0o600 });
  return {
    url,
    close: () => {
      server.close();
      server.closeAllConnections();
      rmSync(credentials, { recursive: true, force: true });
    },
  };
}

interface Route {
  method: string;
  path: RegExp;
  answer(parts: Record<string, string>, body: unknown): unknown;
}

function routesOf(state: ServedState, token: string): Route[] {
  const stack = `/api/stacks/${OWNER}/(?<project>[^/]+)/(?<stack>[^/]+)`;
  const update = `${stack}/(${UPDATE_KINDS})/(?<update>[^/]+)`;
  const route = (method: string, at: string, answerTo: Route["answer"] = () => ({})): Route => ({ method, path: new RegExp(`^${at}$`), answer: answerTo });
  const deploymentOf = ({ project = "", stack: name = "" }: Record<string, string>) => {
    const found = state.deployment(project, name);
    if (found === undefined) throw new NotFound(`Stack '${name}' not found`);
    return found;
  };
  return [
    route("GET", "/api/capabilities", () => ({ capabilities: [] })),
    route("GET", "/api/user", () => ({ githubLogin: OWNER, name: OWNER, organizations: [{ githubLogin: OWNER, name: OWNER }] })),
    route("GET", "/api/user/organizations/default", () => ({ GitHubLogin: OWNER })),
    route("HEAD", `/api/stacks/${OWNER}/[^/]+`),
    route("GET", stack, (parts) => {
      deploymentOf(parts);
      return { orgName: OWNER, projectName: parts["project"], stackName: parts["stack"], tags: {}, version: 1 };
    }),
    route("DELETE", stack, () => {
      if (!state.remove()) throw new NotEmpty("Bad Request: Stack still contains resources.");
    }),
    route("GET", `${stack}/export`, deploymentOf),
    route("POST", `${stack}/(${UPDATE_KINDS})`, () => ({ updateID: "1" })),
    route("POST", update, () => {
      state.begin();
      return { version: 1, token, journalVersion: JOURNAL };
    }),
    route("POST", `${update}/renew_lease`, () => ({ token })),
    route("PATCH", `${update}/journalentries`, (_, body) => {
      state.append(entriesSchema.parse(body).entries);
      return {};
    }),
    route("POST", `${update}/events/batch`, (_, body) => {
      for (const { summaryEvent } of eventsSchema.parse(body).events ?? []) if (summaryEvent) state.summary(summaryEvent.resourceChanges ?? {});
      return {};
    }),
    route("POST", `${update}/complete`),
  ];
}

async function answer(request: http.IncomingMessage, routes: readonly Route[], token: string): Promise<{ code: number; body?: unknown }> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (!isAllowed(request.headers.authorization, token)) return { code: 401, body: { code: 401, message: "not the engine of this update" } };
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    for (const route of routes) {
      const match = route.method === request.method ? route.path.exec(pathname) : null;
      if (match) return { code: 200, body: route.answer(match.groups ?? {}, bodyOf(request, Buffer.concat(chunks))) };
    }
    return { code: 404, body: { code: 404, message: `${request.method} ${pathname} is not answered here` } };
  } catch (error) {
    if (error instanceof NotFound) return { code: 404, body: { code: 404, message: error.message } };
    if (error instanceof NotEmpty) return { code: 400, body: { code: 400, message: error.message } };
    // Not one of the codes after which the engine asks again.
    return { code: 400, body: { code: 400, message: `The state cannot be written: ${messageOf(error)}` } };
  }
}

/** `token T`, or `update-token T` within an update. */
function isAllowed(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header?.split(" ")[1] ?? "");
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function bodyOf(request: http.IncomingMessage, raw: Buffer): unknown {
  if (raw.length === 0) return undefined;
  return JSON.parse((request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw).toString("utf8"));
}
