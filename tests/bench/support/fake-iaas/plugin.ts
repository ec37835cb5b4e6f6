// The resource provider of the fake IaaS, as a cloud's own provider would stand beside ours. Started by the engine.
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { Query, ResourceKind } from "../../../../provider/resource-kind.ts";
import { engineLog } from "../../../../provider/rpc/engine.ts";
import { watchEngine } from "../../../../provider/rpc/engine-watch.ts";
import { providerService } from "../../../../provider/rpc/service.ts";
import type { Services } from "../../../../provider/services.ts";
import { networkKind, vmKind } from "./vm-kind.ts";

const kinds = new Map([vmKind, networkKind].map((kind) => [kind.type, kind as unknown as ResourceKind<object, object>]));
const services = { now: () => new Date() } as unknown as Services;
const log = engineLog(process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "");
const service = providerService({ version: "0.0.1", kinds, queries: new Map<string, Query<object, object>>(), services, log, cancel: new AbortController() });
const listener = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
listener.addService(ResourceProviderService as unknown as grpc.ServiceDefinition, service);
listener.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
watchEngine(() => process.exit(0));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
