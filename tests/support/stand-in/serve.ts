import * as grpc from "@grpc/grpc-js";
import type { ConfigureRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { Query, ResourceKind } from "../../../provider/resource-kind.ts";
import { engineLog } from "../../../provider/rpc/engine.ts";
import { watchEngine } from "../../../provider/rpc/engine-watch.ts";
import { providerService } from "../../../provider/rpc/service.ts";
import { decode } from "../../../provider/rpc/values.ts";
import type { Services } from "../../../provider/services.ts";

export interface StandIn {
  kinds: readonly ResourceKind<object, object>[];
  queries?: readonly Query<object, object>[];
  /** What the program gave the provider. */
  configure(args: Record<string, unknown>): void;
}

/** Serves a stand-in plugin to the engine that started this process; ends with it. */
export function serveStandIn({ kinds, queries = [], configure }: StandIn): void {
  const services = { now: () => new Date() } as unknown as Services;
  const log = engineLog(process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "");
  const service = providerService({
    version: "0.0.1",
    kinds: new Map(kinds.map((kind) => [kind.type, kind])),
    queries: new Map(queries.map((query) => [query.token, query])),
    services,
    log,
    cancel: new AbortController(),
  });
  const plain = service["configure"] as grpc.handleUnaryCall<ConfigureRequest, unknown>;
  service["configure"] = ((call, done) => {
    configure(decode(call.request.getArgs()).values);
    plain(call, done);
  }) as grpc.handleUnaryCall<ConfigureRequest, unknown>;
  const listener = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  listener.addService(ResourceProviderService as unknown as grpc.ServiceDefinition, service);
  listener.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
  watchEngine(() => process.exit(0));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
}
