import * as grpc from "@grpc/grpc-js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import type { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import type { InputProblem, Operation, Query, ResourceKind } from "../resource-kind.ts";
import { PartialFailure } from "../resource-kind.ts";
import type { Services } from "../services.ts";
import type { EngineLog } from "./engine.ts";
import { failureText, initializationFailed, operationFailed } from "./failures.ts";
import { withInputs, withoutInputs } from "./kept-once.ts";
import { decode, encode, hasUnknown, UNKNOWN } from "./values.ts";
import type { Decoded, PlainMap } from "./values.ts";
import { WriteOnlyValues } from "./write-only.ts";

export interface ServiceOptions {
  version: string;
  kinds: ReadonlyMap<string, ResourceKind<object, object>>;
  queries: ReadonlyMap<string, Query<object, object>>;
  services: Services;
  log: EngineLog;
  /** Aborted by the engine's cancellation and by the end of the engine. */
  cancel: AbortController;
}

type Handler<Req, Res> = (request: Req) => Promise<Res>;

/** The engine's resource provider protocol over the kinds and queries given. */
export function providerService(options: ServiceOptions): grpc.UntypedServiceImplementation {
  const held = new WriteOnlyValues();

  const kindOf = (urn: string): ResourceKind<object, object> => {
    const type = urn.split("::")[2]?.split("$").pop() ?? "";
    const kind = options.kinds.get(type);
    if (!kind) throw new RepaveError("state.unknown-kind", `This provider has no resource type '${type}'`, { hint: "update the repave package" });
    return kind;
  };

  const operation = (urn: string, preview: boolean): Operation => ({
    urn,
    name: urn.split("::").slice(3).join("::"),
    preview,
    signal: options.cancel.signal,
    services: options.services,
    hold: (value) => held.keep(value as PlainMap),
    status: (text) => options.log.status(urn, text),
    warn: (text) => options.log.warn(urn, text),
  });

  const secretsOf = (kind: ResourceKind<object, object>, inputs: Decoded) => new Set([...inputs.secrets, ...(kind.secretOutputs ?? [])]);
  const asStored = (state: object, kind: ResourceKind<object, object>, inputs: PlainMap) => withoutInputs(held.hold(state as PlainMap, kind.writeOnly ?? []), inputs, kind.keptOnce ?? []);
  const asKnown = (outputs: Decoded, inputs: Decoded, kind: ResourceKind<object, object>) => withInputs(outputs.values, inputs.values, kind.keptOnce ?? []);
  const asUsed = (inputs: Decoded, kind: ResourceKind<object, object>) => held.release(inputs.values, kind.writeOnly ?? []);

  async function check(request: pb.CheckRequest): Promise<pb.CheckResponse> {
    const kind = kindOf(request.getUrn());
    const news = decode(request.getNews());
    const olds = request.getOlds() ? decode(request.getOlds()) : undefined;
    const response = new pb.CheckResponse();
    const problems = findProblems(kind.schema, news.values);
    let settled = problems.length > 0 || hasUnknown(news.values) ? news.values : (kind.schema.parse(news.values) as PlainMap);
    if (problems.length === 0 && kind.settle) {
      const known = olds && Object.keys(olds.values).length > 0 ? olds.values : undefined;
      settled = (await kind.settle(settled, known, operation(request.getUrn(), false))) as PlainMap;
    }
    const writeOnly = kind.writeOnly ?? [];
    const secrets = new Set([...news.secrets].filter((name) => !writeOnly.includes(name as never)));
    response.setInputs(encode(held.hold(settled, writeOnly), secrets));
    for (const problem of problems) {
      const failure = new pb.CheckFailure();
      failure.setProperty(problem.property);
      failure.setReason(problem.reason);
      response.addFailures(failure);
    }
    return response;
  }

  async function diff(request: pb.DiffRequest): Promise<pb.DiffResponse> {
    const kind = kindOf(request.getUrn());
    const oldInputs = decode(request.getOldInputs());
    const olds = asKnown(decode(request.getOlds()), oldInputs, kind);
    const found = await kind.diff(olds, decode(request.getNews()).values, oldInputs.values, operation(request.getUrn(), false));
    const response = new pb.DiffResponse();
    const some = found.changed.length > 0 || found.replace.length > 0;
    response.setChanges(some ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE);
    response.setDiffsList([...new Set([...found.changed, ...found.replace])]);
    response.setReplacesList(found.replace);
    response.setDeletebeforereplace(found.deleteBeforeReplace);
    return response;
  }

  async function create(request: pb.CreateRequest): Promise<pb.CreateResponse> {
    const kind = kindOf(request.getUrn());
    const inputs = decode(request.getProperties());
    const response = new pb.CreateResponse();
    if (request.getPreview()) {
      response.setProperties(encode({ ...inputs.values, ...(kind.foresee?.(inputs.values, undefined) as PlainMap) }, secretsOf(kind, inputs)));
      return response;
    }
    return keepingPartial(kind, inputs, async () => {
      const made = await kind.create(asUsed(inputs, kind), operation(request.getUrn(), false));
      response.setId(made.id);
      response.setProperties(encode(asStored(made.state, kind, inputs.values), secretsOf(kind, inputs)));
      return response;
    });
  }

  async function update(request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
    const kind = kindOf(request.getUrn());
    const olds = asKnown(decode(request.getOlds()), decode(request.getOldInputs()), kind);
    const news = decode(request.getNews());
    const response = new pb.UpdateResponse();
    if (request.getPreview()) {
      response.setProperties(encode({ ...olds, ...news.values, ...(kind.foresee?.(news.values, olds) as PlainMap) }, secretsOf(kind, news)));
      return response;
    }
    return keepingPartial(kind, news, async () => {
      const state = kind.update
        ? await kind.update(request.getId(), olds, asUsed(news, kind), operation(request.getUrn(), false))
        : { ...olds, ...news.values };
      response.setProperties(encode(asStored(state, kind, news.values), secretsOf(kind, news)));
      return response;
    });
  }

  /** A failed create or update that left something behind is reported with its state, so that nothing is orphaned. */
  async function keepingPartial<T>(kind: ResourceKind<object, object>, inputs: Decoded, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PartialFailure)) throw error;
      const state = encode(asStored(error.state as object, kind, inputs.values), secretsOf(kind, inputs));
      throw new Refusal(initializationFailed(error.id, state, encode(inputs.values, inputs.secrets), failureText(error.cause ?? error)));
    }
  }

  async function remove(request: pb.DeleteRequest): Promise<Empty> {
    const kind = kindOf(request.getUrn());
    await kind.delete?.(request.getId(), asKnown(decode(request.getProperties()), decode(request.getOldInputs()), kind), operation(request.getUrn(), false));
    return new Empty();
  }

  async function read(request: pb.ReadRequest): Promise<pb.ReadResponse> {
    const kind = kindOf(request.getUrn());
    const response = new pb.ReadResponse();
    const old = decode(request.getProperties());
    const inputs = decode(request.getInputs());
    const state = kind.read ? await kind.read(request.getId(), asKnown(old, inputs, kind), operation(request.getUrn(), false)) : old.values;
    if (state === undefined) return response;
    response.setId(request.getId());
    response.setProperties(encode(withoutInputs(state as PlainMap, inputs.values, kind.keptOnce ?? []), secretsOf(kind, old)));
    response.setInputs(request.getInputs());
    return response;
  }

  async function invoke(request: pb.InvokeRequest): Promise<pb.InvokeResponse> {
    const query = options.queries.get(request.getTok());
    if (!query) throw new RepaveError("state.unknown-query", `This provider has no function '${request.getTok()}'`, { hint: "update the repave package" });
    const args = decode(request.getArgs());
    const response = new pb.InvokeResponse();
    const problems = findProblems(query.schema, args.values);
    if (problems.length > 0) {
      for (const problem of problems) {
        const failure = new pb.CheckFailure();
        failure.setProperty(problem.property);
        failure.setReason(problem.reason);
        response.addFailures(failure);
      }
      return response;
    }
    const answer = (await query.answer(query.schema.parse(args.values) as object, operation("", request.getPreview()))) as PlainMap;
    response.setReturn(encode(answer, query.secret ? new Set(Object.keys(answer)) : new Set()));
    return response;
  }

  async function configure(): Promise<pb.ConfigureResponse> {
    const response = new pb.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    response.setAcceptresources(false);
    response.setAcceptoutputs(false);
    return response;
  }

  async function checkConfig(request: pb.CheckRequest): Promise<pb.CheckResponse> {
    const response = new pb.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  }

  return {
    check: answered(check),
    diff: answered(diff),
    create: answered(create),
    update: answered(update),
    delete: answered(remove),
    read: answered(read),
    invoke: answered(invoke),
    configure: answered(configure),
    checkConfig: answered(checkConfig),
    diffConfig: answered(async () => new pb.DiffResponse()),
    cancel: answered(async () => {
      options.cancel.abort(new RepaveError("state.cancelled", "Cancelled", { hint: "run the same command again to go on" }));
      return new Empty();
    }),
    attach: answered(async () => new Empty()),
    getSchema: answered(async () => {
      const response = new pb.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: "repave", version: options.version }));
      return response;
    }),
    getPluginInfo: answered(async () => {
      const response = new plugin.PluginInfo();
      response.setVersion(options.version);
      return response;
    }),
    getMapping: answered(async () => new pb.GetMappingResponse()),
  };
}

class Refusal extends Error {
  readonly status: Partial<grpc.StatusObject>;
  constructor(status: Partial<grpc.StatusObject>) {
    super(status.details ?? "failed");
    this.status = status;
  }
}

function answered<Req, Res>(handler: Handler<Req, Res>): grpc.handleUnaryCall<Req, Res> {
  return (call, callback) => {
    handler(call.request).then(
      (value) => callback(null, value),
      (error: unknown) => {
        const status = error instanceof Refusal ? error.status : operationFailed(error);
        callback(status, null, status.metadata);
      },
    );
  };
}

/** Schema findings on the known part of the inputs: what is not known yet is checked when it is. */
function findProblems(schema: z.ZodType, values: PlainMap): InputProblem[] {
  const result = schema.safeParse(values);
  if (result.success) return [];
  return result.error.issues
    .filter((issue) => valueAt(values, issue.path) !== UNKNOWN && !(issue.code === "invalid_union" && hasUnknown(valueAt(values, issue.path))))
    .map((issue) => ({ property: String(issue.path[0] ?? ""), reason: `${issue.path.join(".")}: ${issue.message}` }));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (at === UNKNOWN) return UNKNOWN;
    at = at !== null && typeof at === "object" ? (at as Record<PropertyKey, unknown>)[key] : undefined;
  }
  return at;
}
