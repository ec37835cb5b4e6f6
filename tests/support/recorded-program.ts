import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as settings from "@pulumi/pulumi/runtime/settings";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { Operation } from "../../provider/resource-kind.ts";
import { placementKind, type PlacementInputs } from "../../provider/resources/placement.ts";
import type { ReleaseFacts, ReleaseRequest } from "../../provider/resources/release-query.ts";

// The SDK's own; its declarations leave the second out.
const { getMonitor, waitForRPCs } = settings as typeof settings & { waitForRPCs(): Promise<void> };

/** One resource as the program asked the engine for it. */
export interface Registration {
  /** Without `repave:index:`. */
  type: string;
  name: string;
  /** `type name` of the parent. */
  parent: string;
  /** `type name` of each. */
  dependsOn: string[];
  /** What the engine is to do with it besides. */
  options: { deleteBeforeReplace: boolean; protect: boolean; retainOnDelete: boolean; replaceOnChanges: string[]; ignoreChanges: string[]; secretOutputs: string[]; provider: string };
  /** Which resources each property came from. */
  cameFrom: Record<string, string[]>;
  /** As sent: secrets and outputs still wrapped. */
  sent: Record<string, unknown>;
  /** As the provider would see them. */
  inputs: Record<string, unknown>;
}

export interface RecordedRun {
  registrations: Registration[];
  /** Requests for instances' templates, by instance. */
  rendered: Map<string, { jobs: { name: string; manifestProperties: Record<string, unknown>; links: Record<string, unknown> }[] }>;
  /** Messages the program logged as errors. */
  errors: string[];
  of(type: string): Registration[];
  get(type: string, name: string): Registration;
}

/** Whether a value was sent as a secret, as the engine's protocol marks one. */
export function isSecret(sent: unknown): boolean {
  return typeof sent === "object" && sent !== null && (sent as Record<string, unknown>)["4dabf18193072939515e22adb298388d"] === "1b47061264138c4ac30d75fd1eb44270";
}

function revealed(sent: unknown): unknown {
  if (isSecret(sent)) return revealed((sent as { value: unknown }).value);
  if (Array.isArray(sent)) return sent.map(revealed);
  if (typeof sent !== "object" || sent === null) return sent;
  return Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, revealed(value)]));
}

export interface RecordOptions {
  release(request: ReleaseRequest): Promise<ReleaseFacts> | ReleaseFacts;
  config?: Record<string, string>;
  /** Makes a resource for real, instead of making its outputs up. */
  make?(type: string, name: string, inputs: Record<string, unknown>): Promise<{ id: string; state: Record<string, unknown> }> | undefined;
  /** Answers a question of another provider. */
  answer?(token: string, inputs: Record<string, unknown>): Record<string, unknown> | undefined;
  /** Outputs of another provider's resources, above their inputs. */
  outputs?(type: string, name: string, inputs: Record<string, unknown>): object;
}

/** Runs a program with Pulumi's mocks: placement is the real one, values of variables and agents are made up, nothing is made. */
export async function recordProgram(program: () => Promise<unknown> | unknown, options: RecordOptions): Promise<RecordedRun> {
  const registrations: Registration[] = [];
  const rendered: RecordedRun["rendered"] = new Map();
  const errors: string[] = [];
  const inputsOf = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks(
    {
      // Typed as an answer at once; the SDK waits for a promised one too.
      newResource({ type, name, inputs }): any {
        const values = revealed(inputs) as Record<string, unknown>;
        inputsOf.set(`${type} ${name}`, values);
        const made = options.make?.(type, name, values);
        if (made) return made;
        const { id, state } = stateOf(short(type), name, values);
        return { id, state: { ...state, ...options.outputs?.(type, name, values) } };
      },
      async call({ token, inputs }) {
        if (token === "repave:index:readRelease") return { facts: JSON.stringify(await options.release(inputs as ReleaseRequest)) };
        const answer = options.answer?.(token, inputs as Record<string, unknown>);
        if (answer) return answer;
        if (token === "repave:index:holdDns") return { held: "held:dns" };
        if (token !== "repave:index:renderInstance") throw new Error(`unexpected call of ${token}`);
        const { request } = inputs as { request: string };
        const wanted = JSON.parse(request) as { instance: string; jobs: never };
        rendered.set(wanted.instance, wanted);
        return { configurationHash: createHash("sha256").update(request).digest("hex") };
      },
    },
    "project",
    "stack",
    false,
  );
  pulumi.runtime.setAllConfig(options.config ?? {});
  const monitor = getMonitor() as unknown as { registerResource(request: RegisterResourceRequest, callback: (error: Error | undefined, answer: unknown) => void): Promise<void> };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    const named = (urn: string): string => urn.split("::").slice(2).map((part, i) => (i === 0 ? short(part.split("$").pop()!) : part)).join(" ");
    registrations.push({
      type: short(request.getType()),
      name: request.getName(),
      parent: named(request.getParent()),
      dependsOn: request.getDependenciesList().map(named).sort(),
      options: {
        deleteBeforeReplace: request.getDeletebeforereplace(),
        protect: request.getProtect() ?? false,
        retainOnDelete: request.getRetainondelete() ?? false,
        replaceOnChanges: request.getReplaceonchangesList(),
        ignoreChanges: request.getIgnorechangesList(),
        secretOutputs: request.getAdditionalsecretoutputsList(),
        provider: request.getProvider(),
      },
      cameFrom: Object.fromEntries([...request.getPropertydependenciesMap().entries()].map(([key, value]) => [key, value.getUrnsList().map(named).sort()])),
      sent: request.getObject()!.toJavaScript() as Record<string, unknown>,
      inputs: {},
    });
    return register(request, callback);
  };
  const { error: log } = pulumi.log;
  const loud = pulumi.log as { error: typeof pulumi.log.error };
  loud.error = async (message) => void errors.push(message);
  try {
    const result = await program();
    await settled(result);
  } finally {
    // also of a program that failed: what it had registered goes on
    await waitForRPCs();
    loud.error = log;
  }
  for (const registration of registrations) registration.inputs = inputsOf.get(`${registration.type.includes(":") ? "" : "repave:index:"}${registration.type} ${registration.name}`) ?? {};
  const of = (type: string): Registration[] => registrations.filter((registration) => registration.type === type);
  return {
    registrations,
    rendered,
    errors,
    of,
    get(type, name) {
      const found = of(type).find((registration) => registration.name === name);
      if (found === undefined) throw new Error(`no ${type} ${name} among ${of(type).map((r) => r.name).join(", ")}`);
      return found;
    },
  };
}

async function settled(value: unknown): Promise<unknown> {
  if (pulumi.Output.isInstance(value)) return new Promise((resolve) => value.apply(resolve));
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) return value;
  return Promise.all(Object.values(value).map(settled));
}

function short(type: string): string {
  return type.replace(/^repave:index:/, "");
}

function stateOf(type: string, name: string, inputs: Record<string, unknown>): pulumi.runtime.MockResourceResult {
  const made: Record<string, () => object> = {
    Placement: () => placementKind.settle!(inputs as PlacementInputs, undefined, { urn: `urn:${name}`, services: { now: () => new Date("2026-01-01T00:00:00Z") } } as unknown as Operation) as object,
    Password: () => ({ value: (inputs["imported"] as { value?: unknown })?.value ?? `secret of ${name}` }),
    Certificate: () => ({ value: (inputs["imported"] as { value?: unknown })?.value ?? { ca: `ca of ${name}`, certificate: `certificate of ${name}`, private_key: `key of ${name}` } }),
    SshKey: () => ({ value: { private_key: `key of ${name}`, public_key: `public key of ${name}`, public_key_fingerprint: `print of ${name}` } }),
    RsaKey: () => ({ value: { private_key: `key of ${name}`, public_key: `public key of ${name}` } }),
    LocalVm: () => ({ cid: `vm-${name}`, agentId: `agent-${name}`, mbusPassword: `mbus password of ${name}` }),
    AgentSettings: () => ({ agentId: `agent-${name}`, mbusPassword: `mbus password of ${name}`, userData: `user data of ${name}` }),
    JumpboxRenewal: () => ({ mark: "1a2b3c4d", createdAt: "2026-01-01T00:00:00Z" }),
    LocalDisk: () => ({ cid: `disk-${name}` }),
    LocalLoadBalancer: () => ({ url: `http://127.0.0.1/${name}` }),
    CompiledPackage: () => ({ blob: `blob-${name}`, digest: `digest-${name}` }),
    Instance: () => ({ updatedAt: "2026-01-01T00:00:00Z" }),
    StemcellImage: () => ({ file: "/cache/stemcell", diskFormat: "raw", cloudProperties: { hypervisor: "kvm", auto_disk_config: true, hw_disk_bus: "scsi", disk: 5120 } }),
  };
  return { id: `id of ${name}`, state: { ...inputs, ...made[type]?.() } };
}
