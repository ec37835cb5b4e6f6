/** A job of a group: which release it comes from, and what it is given. */
export interface JobDefinition {
  name: string;
  release: string;
  properties?: Record<string, unknown>;
  provides?: Record<string, unknown>;
  consumes?: Record<string, unknown>;
}

export interface ReleaseDefinition {
  name: string;
  /** Default: whatever version the folder or tarball has. */
  version?: string;
  /** Folder, tarball or URL. */
  url: string;
  /** Digest of a tarball or URL. */
  sha1?: string;
}

export interface VariableDefinition {
  name: string;
  type: "password" | "certificate" | "ssh" | "rsa";
  options?: Record<string, unknown>;
  updateMode?: string;
}

export interface InstanceGroupArgs {
  name: string;
  instances: number;
  azs: string[];
  jobs: JobDefinition[];
  releases: ReleaseDefinition[];
  variables?: VariableDefinition[];
  /** Default: `default`. */
  vmType?: string;
  vmExtensions?: string[];
  /** Named disk size. Default: no disk. */
  persistentDiskType?: string;
  /** BOSH's `update` block of the group. */
  update?: Record<string, unknown>;
  /** Default: `default`. */
  network?: string;
}

/**
 * N equal instances of some jobs: a plain value that a `Deployment` turns into VMs. `Router`, `Nats` and the like are groups
 * with their jobs chosen; any other can be written out.
 *
 * @example
 * new InstanceGroup({ name: "web", instances: 3, azs: ["z1", "z2", "z3"], jobs: [{ name: "web", release: "web" }], releases: [{ name: "web", url: "releases/web" }] });
 */
export class InstanceGroup {
  readonly args: InstanceGroupArgs;

  constructor(args: InstanceGroupArgs) {
    this.args = args;
  }
}

/** The manifest sections that groups amount to together: what several need is listed once. */
export function mergeDefinitions(groups: readonly InstanceGroup[]): Record<string, unknown> {
  const releases = new Map<string, ReleaseDefinition>();
  const variables = new Map<string, VariableDefinition>();
  for (const { args } of groups) {
    for (const release of args.releases) releases.set(release.name, release);
    for (const variable of args.variables ?? []) variables.set(variable.name, variable);
  }
  return {
    releases: [...releases.values()].map((r) => ({ ...r, version: r.version ?? "create" })),
    variables: [...variables.values()].map(({ updateMode, ...v }) => ({ ...v, ...(updateMode === undefined ? {} : { update_mode: updateMode }) })),
    instance_groups: groups.map(({ args }) => ({
      name: args.name,
      instances: args.instances,
      azs: args.azs,
      jobs: args.jobs,
      vm_type: args.vmType ?? "default",
      ...(args.vmExtensions ? { vm_extensions: args.vmExtensions } : {}),
      stemcell: "default",
      networks: [{ name: args.network ?? "default" }],
      ...(args.persistentDiskType ? { persistent_disk_type: args.persistentDiskType } : {}),
      ...(args.update ? { update: args.update } : {}),
    })),
  };
}
