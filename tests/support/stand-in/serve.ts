import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import type { Query, ResourceKind } from "../../../provider/resource-kind.ts";
import { engineLog } from "../../../provider/rpc/engine.ts";
import { watchEngine } from "../../../provider/rpc/engine-watch.ts";
import { providerService } from "../../../provider/rpc/service.ts";
import { decode } from "../../../provider/rpc/values.ts";
import type { Services } from "../../../provider/services.ts";
import type { Fields } from "./kind.ts";

export interface StandIn {
  kinds: readonly ResourceKind<Fields, Fields>[];
  queries?: readonly Query<Fields, Fields>[];
  /** Inputs of the provider itself, before any resource. */
  configure(inputs: Fields): void;
  /** Every path that differs, and whether it makes another object, for providers that tell the engine paths. */
  paths?(type: string, olds: Fields, news: Fields): { path: string; replaces: boolean }[];
}

/** Serves a stand-in for a cloud's provider plugin, where no real one can be had, to the engine that started this process. */
export function serveStandIn({ kinds, queries = [], configure, paths }: StandIn): void {
  const log = engineLog(process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "");
  const service = providerService({
    version: "0.0.1",
    kinds: new Map(kinds.map((kind) => [kind.type, kind as ResourceKind<object, object>])),
    queries: new Map(queries.map((query) => [query.token, query as Query<object, object>])),
    services: { now: () => new Date() } as unknown as Services,
    log,
    cancel: new AbortController(),
  });
  const configured = service["configure"] as grpc.handleUnaryCall<pb.ConfigureRequest, unknown>;
  service["configure"] = ((call, done) => {
    configure(decode(call.request.getArgs()).values);
    configured(call, done);
  }) as grpc.handleUnaryCall<pb.ConfigureRequest, unknown>;
  if (paths) {
    service["diff"] = ((call, done) => {
      const [olds, news] = [call.request.getOldInputs(), call.request.getNews()].map((side) => decode(side).values) as [Fields, Fields];
      done(null, detailed(paths(call.request.getUrn().split("::")[2]!.split("$").pop()!, olds, news)));
    }) as grpc.handleUnaryCall<pb.DiffRequest, pb.DiffResponse>;
  }
  const listener = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  listener.addService(ResourceProviderService as unknown as grpc.ServiceDefinition, service);
  listener.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
  watchEngine(() => process.exit(0));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
}

function detailed(found: { path: string; replaces: boolean }[]): pb.DiffResponse {
  const response = new pb.DiffResponse();
  response.setChanges(found.length > 0 ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE);
  response.setDiffsList([...new Set(found.map(({ path }) => /^[^.[]+/.exec(path)![0]))]);
  response.setReplacesList(found.filter((f) => f.replaces).map((f) => f.path));
  response.setHasdetaileddiff(true);
  for (const { path, replaces } of found) {
    const one = new pb.PropertyDiff();
    one.setKind(replaces ? pb.PropertyDiff.Kind.UPDATE_REPLACE : pb.PropertyDiff.Kind.UPDATE);
    response.getDetaileddiffMap().set(path, one);
  }
  return response;
}
