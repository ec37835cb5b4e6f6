import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";

/** Lines in the engine's own display. */
export interface EngineLog {
  status(urn: string, text: string): void;
  info(urn: string, text: string): void;
  warn(urn: string, text: string): void;
}

export function engineLog(address: string): EngineLog {
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  const send = (severity: LogRequest["getSeverity"] extends () => infer S ? S : never, urn: string, message: string, ephemeral: boolean) => {
    const request = new LogRequest();
    request.setSeverity(severity);
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    // The display is a courtesy: a lost line must not fail an operation.
    client.log(request, () => undefined);
  };
  return {
    status: (urn, text) => send(LogSeverity.INFO, urn, text, true),
    info: (urn, text) => send(LogSeverity.INFO, urn, text, false),
    warn: (urn, text) => send(LogSeverity.WARNING, urn, text, false),
  };
}
