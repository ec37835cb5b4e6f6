import * as grpc from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb.js";
import { Status } from "@pulumi/pulumi/proto/status_pb.js";
import { Any } from "google-protobuf/google/protobuf/any_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { messageOf, RepaveError } from "../../director/core/errors.ts";

/** The text the engine shows for an error: message, causes and what to do next. */
export function failureText(error: unknown): string {
  const lines = [messageOf(error)];
  for (let cause = error instanceof Error ? error.cause : undefined; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined) {
    if (messageOf(cause) !== lines[lines.length - 1]) lines.push(`  because: ${messageOf(cause)}`);
  }
  let told: unknown = error;
  while (told instanceof Error && !(told instanceof RepaveError)) told = told.cause;
  if (told instanceof RepaveError) {
    lines[0] = `${lines[0]} [${told.code}]`;
    if (told.hint) lines.push(`  next: ${told.hint}`);
  } else if (error instanceof Error && error.stack) lines.push(error.stack);
  return lines.join("\n");
}

export function operationFailed(error: unknown): Partial<grpc.StatusObject> {
  return { code: grpc.status.UNKNOWN, details: failureText(error) };
}

/** Tells the engine that the object exists but is not well, so that it is kept in the state. */
export function initializationFailed(id: string, properties: Struct, inputs: Struct, reason: string): Partial<grpc.StatusObject> {
  const detail = new ErrorResourceInitFailed();
  detail.setId(id);
  detail.setProperties(properties);
  detail.setInputs(inputs);
  detail.setReasonsList([reason]);
  const any = new Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(reason);
  status.addDetails(any);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details: reason, metadata };
}
