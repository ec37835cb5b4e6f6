import * as grpc from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { RunResponse, type RunRequest } from "@pulumi/pulumi/proto/language_pb.js";
import { RepaveError } from "../../director/core/errors.ts";

type Program = () => Promise<unknown>;
type RunCall = grpc.ServerUnaryCall<RunRequest, RunResponse>;

// The SDK's own host for inline programs, which its Automation API uses too; the engine's display is left to us.
const { LanguageServer } = require("@pulumi/pulumi/automation/server") as { LanguageServer: new (program: Program) => grpc.UntypedServiceImplementation };
const settings = require("@pulumi/pulumi/runtime/settings") as typeof pulumi.runtime & {
  waitForRPCs(): Promise<void>;
  resetOptions(project: string, stack: string, parallel: number, engine: string, monitor: string, preview: boolean, organization: string): void;
};
const { withLocalStorage } = require("@pulumi/pulumi/runtime/state") as { withLocalStorage<T>(body: () => Promise<T>): Promise<T> };
const { isGrpcError } = require("@pulumi/pulumi/errors") as { isGrpcError(error: unknown): boolean };

/**
 * The SDK keeps a stack with each of its promises, thousands of them, to say where one came from that never ended. It goes on to say
 * that there is one; who wants to know where sets PULUMI_DEBUG_PROMISE_LEAKS, as the SDK itself advises.
 */
function cheapPromises(): void {
  const debuggable = require("@pulumi/pulumi/runtime/debuggable") as { debuggablePromise(promise: Promise<unknown>, context?: unknown): Promise<unknown> };
  const original = debuggable.debuggablePromise;
  debuggable.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return original(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}

/**
 * The SDK tells the engine of each of its calls and their answers, credentials among them, one after another, and a program has not ended
 * before the last was heard. Nothing here shows them. It also keeps in the state, with every resource, which lines of the program made it.
 */
function fewWords(): void {
  const log = require("@pulumi/pulumi/log") as { debug(): Promise<void> };
  log.debug = () => Promise.resolve();
  (pulumi.Resource as unknown as { stackTrace(): unknown[] }).stackTrace = () => [];
}

if (!process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) cheapPromises();
fewWords();

/**
 * Runs a program in this process for the engine. Unlike the SDK's host it ends at the first error nobody handles, as a program in
 * a process of its own does: the SDK's waits for resources that will never be registered, for ever. It also says an error once.
 */
class ProgramHost extends LanguageServer {
  readonly #program: Program;
  readonly #settings: Readonly<Record<string, string>>;

  constructor(program: Program, settings: Readonly<Record<string, string>>) {
    super(program);
    this.#program = program;
    this.#settings = settings;
    this["run"] = (call: RunCall, answer: grpc.sendUnaryData<RunResponse>) => {
      withLocalStorage(() => this.#run(call.request)).then(
        (response) => answer(null, response),
        (error: Error) => answer(error, null),
      );
    };
  }

  async #run(request: RunRequest): Promise<RunResponse> {
    const engine = request.getArgsList()[0] ?? "";
    settings.resetOptions(request.getProject(), request.getStack(), request.getParallel(), engine, request.getMonitorAddress(), request.getDryrun(), request.getOrganization());
    pulumi.runtime.setAllConfig({ ...Object.fromEntries(request.getConfigMap().entries()), ...this.#settings }, request.getConfigsecretkeysList());
    process.setMaxListeners(settings.getMaximumListeners());
    let report: (error: unknown) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => (report = (error) => isGrpcError(error) || reject(error)));
    process.on("uncaughtException", report);
    // This one stays: what the program still waits for may fail after its end, when it matters to nobody.
    process.on("unhandledRejection", report);
    const response = new RunResponse();
    try {
      await Promise.race([this.#toTheEnd(), failed]);
    } catch (error) {
      // An error of the connection is the engine's own end, and a cancelled question comes after it: the engine has said why.
      if (!isGrpcError(error) && !isCancelled(error)) await pulumi.log.error(describe(error));
      response.setBail(true);
    } finally {
      process.off("uncaughtException", report);
    }
    if (pulumi.log.hasErrors()) response.setBail(true);
    return response;
  }

  async #toTheEnd(): Promise<void> {
    await pulumi.runtime.runInPulumiStack(this.#program);
    await settings.waitForRPCs();
    // After an error that the program has logged the engine is not told to go on to its deletions.
    if (!pulumi.log.hasErrors()) await pulumi.runtime.disconnect(true);
  }
}

/** The provider is asked to cancel what it answers, and its connection closes soon after. */
function isCancelled(error: unknown): boolean {
  return error instanceof Error && /\[(render|state)\.cancelled\]|grpc: the client connection is closing/.test(error.message);
}

/** The text for an error that ended the program. */
function describe(error: unknown): string {
  if (error instanceof RepaveError) return `${error.message} [${error.code}]${error.hint ? `\n  next: ${error.hint}` : ""}`;
  if (!(error instanceof Error)) return `The program failed: ${String(error)}`;
  const meantForPeople: boolean = pulumi.RunError.isInstance(error) || pulumi.ResourceError.isInstance(error);
  if (meantForPeople) return error.message;
  // An error of the provider says all itself, behind what the SDK puts in front of it.
  const told = error.message.replace(/^error serializing (property )?"?[^:]*"?: /, "").replace(/^invocation of \S+ returned an error: /, "");
  return told === error.message ? `The program failed: ${ownStack(error)}` : told;
}

/** Where in the program: without the frames of Node, of the SDK and of this command. */
function ownStack(error: Error): string {
  const lines = (error.stack ?? error.message).split("\n");
  return lines.filter((line) => !/^\s+at .*(\(|\s)(node:|.*[/\\]@pulumi[/\\]pulumi[/\\]|.*[/\\]cli[/\\]environment[/\\])/.test(line)).join("\n");
}

/** Serves a program on a port of 127.0.0.1, for the engine's `--client`. `settings` are config values above the stack's. */
export async function serveProgram(program: Program, settings: Readonly<Record<string, string>> = {}): Promise<{ port: number; close(): void }> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(LanguageRuntimeService as unknown as grpc.ServiceDefinition, new ProgramHost(program, settings));
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return { port, close: () => server.forceShutdown() };
}
