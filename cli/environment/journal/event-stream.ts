import * as grpc from "@grpc/grpc-js";
import { EventsService } from "@pulumi/pulumi/proto/events_grpc_pb.js";
import type { EventRequest } from "@pulumi/pulumi/proto/events_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";

/**
 * Listens on 127.0.0.1 for the engine's events (`--event-log tcp://...`). They are streamed, not written to a file as an older
 * engine would: among them is what the program passes on, in clear.
 */
export async function serveEvents(take: (event: string) => void): Promise<{ address: string; close(): void }> {
  const service = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  service.addService(EventsService as unknown as grpc.ServiceDefinition, {
    streamEvents(call: grpc.ServerReadableStream<EventRequest, Empty>, answer: grpc.sendUnaryData<Empty>) {
      call.on("data", (request: EventRequest) => take(request.getEvent()));
      call.on("end", () => answer(null, new Empty()));
      // The engine was killed: its end is told by its exit code.
      call.on("error", () => undefined);
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    service.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return { address: `tcp://127.0.0.1:${port}`, close: () => service.forceShutdown() };
}
