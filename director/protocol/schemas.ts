import { z } from "zod";
import type { AgentState, ErrandResult } from "./agent-state.ts";
import type { ApplySpec, PackageRef } from "./apply-spec.ts";
import { isWellFormedDigest } from "./digest.ts";
import type { RpcResponse } from "./rpc.ts";
import type { AgentSettings, UpdateSettings } from "./settings.ts";

const digest = z.string().refine(isWellFormedDigest, "is not a digest (SHA-1 hex, sha256:<hex>, or several joined by ';')");
const nonEmpty = z.string().min(1, "must not be empty");

export const packageRefSchema = z.object({
  name: nonEmpty,
  version: nonEmpty,
  sha1: digest,
  blobstore_id: z.string(),
  signed_url: z.string().optional(),
  blobstore_headers: z.record(z.string(), z.string()).nullish(),
}) satisfies z.ZodType<PackageRef>;

/** An apply spec as a client may send it: an empty version would end the real agent's process. */
export const applySpecSchema = z
  .object({
    deployment: z.string(),
    name: z.string(),
    index: z.number().int().nonnegative().nullable(),
    id: z.string(),
    az: z.string(),
    job: z.object({
      name: z.string().nullable(),
      release: z.string().optional(),
      template: z.string().optional(),
      version: z.string().optional(),
      templates: z.array(z.object({ name: nonEmpty, version: nonEmpty })).nullable(),
    }),
    packages: z.record(z.string(), packageRefSchema),
    networks: z.record(z.string(), z.record(z.string(), z.unknown())),
    resource_pool: z.unknown().optional(),
    persistent_disk: z.number().int().nonnegative(),
    configuration_hash: z.string(),
    rendered_templates_archive: z.object({ blobstore_id: z.string(), sha1: z.string() }).nullish(),
    properties: z.object({ logging: z.object({ max_log_file_size: z.string().optional() }).optional() }).optional(),
  })
  .superRefine((spec, ctx) => {
    const templates = spec.job.templates ?? [];
    if (templates.length > 0 && !spec.rendered_templates_archive) {
      ctx.addIssue({ code: "custom", path: ["rendered_templates_archive"], message: "is missing: the agent would drop every job" });
    }
    if (templates.length > 0 && spec.rendered_templates_archive && !isWellFormedDigest(spec.rendered_templates_archive.sha1)) {
      ctx.addIssue({ code: "custom", path: ["rendered_templates_archive", "sha1"], message: "is not a digest" });
    }
    for (const [key, { name }] of Object.entries(spec.packages)) {
      if (key !== name) ctx.addIssue({ code: "custom", path: ["packages", key], message: `is named '${name}': key and name must be equal` });
    }
  }) satisfies z.ZodType<ApplySpec>;

const processSchema = z.object({
  name: z.string(),
  state: z.enum(["running", "starting", "failing", "unknown"]).catch("unknown"),
  uptime: z.object({ secs: z.number().optional() }).optional(),
  mem: z.object({ kb: z.number().optional(), percent: z.number().optional() }).optional(),
  cpu: z.object({ total: z.number().optional() }).optional(),
});

const diskVitals = z.object({ percent: z.string().optional(), inode_percent: z.string().optional() }).optional();

const vitalsSchema = z.object({
  cpu: z.object({ sys: z.string().optional(), user: z.string().optional(), wait: z.string().optional() }).optional(),
  disk: z.object({ system: diskVitals, ephemeral: diskVitals, persistent: diskVitals }).optional(),
  load: z.array(z.string()).optional(),
  mem: z.object({ kb: z.string().optional(), percent: z.string().optional() }).optional(),
  swap: z.object({ kb: z.string().optional(), percent: z.string().optional() }).optional(),
  uptime: z.object({ secs: z.number().optional() }).optional(),
});

const orEmpty = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value ?? {}, schema);

export const agentStateSchema = z.object({
  deployment: z.string().default(""),
  name: z.string().default(""),
  index: z.number().nullable().default(null),
  id: z.string().default(""),
  az: z.string().default(""),
  job: z.object({
    name: z.string().nullable(),
    release: z.string().optional(),
    template: z.string().optional(),
    version: z.string().optional(),
    templates: z.array(z.object({ name: z.string(), version: z.string() })).nullable(),
  }),
  packages: orEmpty(
    z.record(
      z.string(),
      z.object({
        name: z.string(),
        version: z.string(),
        sha1: z.string().nullable().transform((v) => v ?? ""),
        blobstore_id: z.string(),
        signed_url: z.string().optional(),
        blobstore_headers: z.record(z.string(), z.string()).nullish(),
      }),
    ),
  ),
  networks: orEmpty(z.record(z.string(), z.record(z.string(), z.unknown()))),
  resource_pool: z.unknown().optional(),
  persistent_disk: z.number().default(0),
  configuration_hash: z.string().default(""),
  rendered_templates_archive: z.object({ sha1: z.string().nullable().transform((v) => v ?? ""), blobstore_id: z.string() }).nullish(),
  properties: z.object({ logging: z.object({ max_log_file_size: z.string().optional() }).optional() }).optional(),
  agent_id: z.string(),
  job_state: z.enum(["running", "starting", "failing", "stopped", "unknown"]).catch("unknown"),
  vm: z.object({ name: z.string().optional() }),
  processes: z.array(processSchema).optional(),
  vitals: vitalsSchema.optional(),
}) satisfies z.ZodType<AgentState>;

export const rpcResponseSchema: z.ZodType<RpcResponse> = z.union([
  z.object({ exception: z.object({ message: z.string() }) }),
  z.object({ value: z.unknown() }).transform(({ value }) => ({ value })),
]);

export const errandResultSchema = z.object({ stdout: z.string(), stderr: z.string(), exit_code: z.number() }) satisfies z.ZodType<ErrandResult>;

export const compiledPackageSchema = z.object({ result: z.object({ blobstore_id: z.string(), sha1: z.string() }) });

export const logsBlobSchema = z.object({ blobstore_id: z.string(), sha1: z.string() });

const certPair = z.object({ ca: z.string(), certificate: z.string(), private_key: z.string() });
const blobstore = z.object({ provider: nonEmpty, options: z.record(z.string(), z.unknown()).optional() });

export const updateSettingsSchema = z.object({
  trusted_certs: z.string(),
  disk_associations: z.array(z.object({ name: nonEmpty, cid: nonEmpty })),
  blobstores: z.array(blobstore).optional(),
  mbus: z.object({ urls: z.array(z.url()).optional(), cert: certPair.partial().optional() }).optional(),
}) satisfies z.ZodType<UpdateSettings>;

const network = z.looseObject({
  type: z.string().optional(),
  ip: z.string().optional(),
  netmask: z.string().optional(),
  prefix: z.string().optional(),
  gateway: z.string().optional(),
  dns: z.array(z.string()).optional(),
  default: z.array(z.string()).optional(),
  mac: z.string().optional(),
  use_dhcp: z.boolean().optional(),
  preconfigured: z.boolean().optional(),
});

const diskHint = z.union([z.string(), z.looseObject({ path: z.string().optional(), volume_id: z.string().optional(), id: z.string().optional() })]);

/** Settings as an IaaS adapter writes them into user data. */
export const agentSettingsSchema = z.object({
  agent_id: nonEmpty,
  vm: z.object({ name: nonEmpty }),
  mbus: z.url({ protocol: /^https$/ }),
  ntp: z.array(z.string()).optional(),
  networks: z.record(z.string(), network),
  disks: z
    .object({
      system: z.unknown(),
      ephemeral: z.unknown(),
      persistent: z.record(z.string(), diskHint).optional(),
      raw_ephemeral: z.array(z.unknown()).optional(),
    })
    .optional(),
  blobstore: blobstore.optional(),
  env: z
    .looseObject({
      persistent_disk_fs: z.string().optional(),
      persistent_disk_mount_options: z.array(z.string()).optional(),
      bosh: z
        .looseObject({
          password: z.string().optional(),
          authorized_keys: z.array(z.string()).optional(),
          mbus: z.object({ urls: z.array(z.string()).optional(), cert: certPair.partial().optional() }).optional(),
          blobstores: z.array(blobstore).optional(),
          parallel: z.number().int().positive().optional(),
        })
        .optional(),
    })
    .optional(),
}) satisfies z.ZodType<AgentSettings>;
