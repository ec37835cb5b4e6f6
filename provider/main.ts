import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { RepaveError } from "../director/core/errors.ts";
import { leaveJumpboxes } from "./jumpbox.ts";
import { packageVersion } from "./package-version.ts";
import { kinds, queries } from "./resources/index.ts";
import { engineLog } from "./rpc/engine.ts";
import { watchEngine } from "./rpc/engine-watch.ts";
import { providerService } from "./rpc/service.ts";
import { realServices } from "./real-services.ts";

/** Starts the provider and prints its port, which is how the engine finds it. */
async function main(engineAddress: string): Promise<void> {
  const cancel = new AbortController();
  const services = realServices(process.env);
  const service = providerService({ version: packageVersion(), kinds, queries, services, log: engineLog(engineAddress), cancel });
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService as unknown as grpc.ServiceDefinition, service);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
  );

  const finish = async (reason: string) => {
    cancel.abort(new RepaveError("state.cancelled", reason, { hint: "run the same command again to go on" }));
    setTimeout(() => process.exit(1), 5_000).unref();
    await Promise.allSettled([services.close(), leaveJumpboxes()]);
    process.exit(0);
  };
  watchEngine(() => void finish("The engine is gone"));
  // The engine ends its plugins by SIGINT; a Ctrl-C of the user never reaches them, for they have a process group of their own.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void finish("Ended by a signal"));

  process.stdout.write(`${port}\n`);
}

const address = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
if (address === undefined) {
  process.stderr.write("pulumi-resource-repave is started by the Pulumi engine, not by hand\n");
  process.exitCode = 2;
} else void main(address);
