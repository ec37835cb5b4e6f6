import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { parseCloudConfig } from "../../director/config/cloud-config.ts";
import { bindLinks, linkContents, linksError, templateLink } from "../../director/links/index.ts";
import type { ErrandFacts } from "../../director/errands.ts";
import type { LinkBindings, ResolvedLinks } from "../../director/links/index.ts";
import type { Placement as Assignment } from "../../director/placement/index.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DueVms, RepavePolicy } from "../../director/rollout/repave-policy.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { plainJson } from "../../director/templates/json.ts";
import { holdDns } from "../../provider/resources/dns-query.ts";
import { DnsRecords } from "../../provider/resources/dns-records.ts";
import type { TurnRequest } from "../../director/update/vm-turns.ts";
import { Placement } from "../../provider/resources/placement.ts";
import { PostDeploy } from "../../provider/resources/post-deploy.ts";
import type { ReleaseFacts } from "../../provider/resources/release-query.ts";
import { credentialConfig } from "../credential-config.ts";
import type { Environment } from "../environment.ts";
import type { DnsIds } from "../../director/dns/index.ts";
import { Catalog } from "./catalog.ts";
import { dnsBlob, dnsNames } from "./dns.ts";
import type { EffectiveManifest } from "./effective-manifest.ts";
import { errandsOf, withRunningErrands } from "./errands.ts";
import { instanceRequests } from "./instance-requests.ts";
import type { RegisteredInstance } from "./instance-args.ts";
import { registerInstances } from "./instances.ts";
import { deploymentFacts } from "./facts.ts";
import { claimName } from "./names.ts";
import { failOnce, plainly } from "./failure.ts";
import type { ManifestArgs } from "./manifest.ts";
import { registerLoadBalancers } from "./load-balancers.ts";
import { Packages } from "./packages.ts";
import { placementArgs } from "./placement-args.ts";
import { locateReleases, readReleases, type LocatedRelease } from "./releases.ts";
import { recordManifest } from "./record-manifest.ts";
import { dueVms } from "./repave-policy.ts";
import { repaveRequest } from "./repave-request.ts";
import { readDeployment } from "./spec.ts";
import { unlinked } from "./unlinked.ts";
import { Variables, type VariableValues } from "./variables.ts";

export interface DeploymentArgs extends ManifestArgs {
  environment: Environment;
  /** Folder that has every release as `NAME-VERSION.tgz`, `NAME.tgz` or a release folder `NAME`: used instead of their URLs. */
  releases?: string;
  /** Refuse keys of the manifest that nobody knows. Default: true. */
  strict?: boolean;
  /** Replace VMs by age under a plain update. Default: the environment's policy. */
  repavePolicy?: RepavePolicy;
}

/** One instance as the deployment's output lists it. */
export interface InstanceSummary {
  instance: string;
  az: string | null;
  ip: string;
}

/**
 * A named set of instance groups, updated group by group and wave by wave. Takes typed groups or a BOSH manifest; both become
 * the same spec and so the same plan.
 *
 * @throws pulumi.RunError with every mistake of the documents, each with file, line and path
 * @example
 * new Deployment("platform", { environment, instanceGroups: [new Nats({ instances: 2, azs }), new Router({ instances: 2, azs })] });
 * @example
 * new Deployment("cf", { environment, manifest: { file: "cf.yml" }, opsFiles: [{ file: "scale.yml" }], vars: { system_domain: "cf.example.com" } });
 */
export class Deployment extends pulumi.ComponentResource {
  readonly spec: DeploymentSpec;
  readonly #written: DeploymentSpec;
  readonly #values: VariableValues;
  readonly #due: DueVms | undefined;
  readonly #manifest: { component: string; manifest: EffectiveManifest };
  readonly instances: pulumi.Output<InstanceSummary[]>;
  /** URLs of the deployment's load balancers by name. */
  readonly urls: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: DeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    const cloud = plainly(() => parseCloudConfig(args.environment.cloudConfig));
    const { spec, values, manifest, rolledBackTo } = plainly(() => readDeployment(name, args, cloud));
    plainly(() => claimName(args.environment, spec.name));
    const releases = plainly(() => locateReleases(spec, args.releases));
    const facts = deploymentFacts(spec, args.environment.iaas.name);
    super("repave:index:Deployment", name, facts as unknown as pulumi.Inputs, opts);
    this.#written = spec;
    this.spec = plainly(() => withRunningErrands(spec));
    this.#values = values;
    this.#due = plainly(() => dueVms(args.repavePolicy ?? args.environment.repavePolicy, new Date()));
    this.#manifest = { component: name, manifest };
    if (rolledBackTo !== undefined) void pulumi.log.warn(`held at ${rolledBackTo}: the program's own manifest is not deployed until 'repave rollback --end'`, this);
    const deployed = pulumi.output(this.#run(args.environment, cloud, releases).catch((error: unknown) => failOnce(error, this)));
    this.instances = deployed.apply((d) => d.instances);
    this.urls = deployed.apply((d) => pulumi.all(d.urls));
    this.registerOutputs({ ...facts, instances: this.instances, urls: this.urls, errands: deployed.apply((d) => d.errands) });
  }

  async #run(environment: Environment, cloud: CloudConfigSpec, releases: readonly LocatedRelease[]): Promise<pulumi.Output<Deployed>> {
    const facts = await readReleases(this.spec.name, releases, this);
    const placement = this.#place(environment, facts, cloud);
    return pulumi.all([placement.assignment, placement.fresh, placement.initial, placement.revision, placement.dnsIds]).apply(([assignment, fresh, initial, revision, dnsIds]) => {
      try {
        return this.#deploy(environment, facts, cloud, { assignment, fresh, initial, revision, dnsIds } as Placed);
      } catch (error) {
        return failOnce(error, this);
      }
    });
  }

  #bind(facts: readonly ReleaseFacts[]): { catalog: Catalog; bound: LinkBindings } {
    const catalog = new Catalog(this.spec, facts);
    const bound = bindLinks(this.spec, catalog.lookup);
    if (bound.invalid.length + bound.unresolved.length > 0) throw linksError(this.spec.name, bound);
    return { catalog, bound };
  }

  #place(environment: Environment, facts: readonly ReleaseFacts[], cloud: CloudConfigSpec): Placement {
    const { bound } = this.#bind(facts);
    return new Placement(this.spec.name, { ...placementArgs(this.spec, cloud, this.#asked(), environment.iaas), dnsNames: dnsNames(this.spec, cloud, bound), trigger: this.#trigger(facts, cloud) } as unknown as pulumi.Inputs, { parent: this });
  }

  /** What the stack's config asks of VMs. */
  #asked(): TurnRequest {
    const { states } = instanceRequests();
    return { ...repaveRequest(), ...(this.#due ? { due: this.#due } : {}), ...(Object.keys(states).length > 0 ? { states } : {}) };
  }

  /** Everything that could give an instance a new VM, as one digest: credentials too, since some are in a VM's environment. */
  #trigger(facts: readonly ReleaseFacts[], cloud: CloudConfigSpec): string {
    const { repave } = repaveRequest();
    const prints = facts.map((release) => [release.name, release.jobs.map((j) => j.fingerprint), release.packages.map((p) => p.fingerprint)]);
    return createHash("sha256").update(plainJson([this.spec, cloud, repave, prints, credentialConfig()])).digest("hex");
  }

  #deploy(environment: Environment, facts: readonly ReleaseFacts[], cloud: CloudConfigSpec, placed: Placed): Deployed {
    const { catalog, bound } = this.#bind(facts);
    const links: ResolvedLinks = linkContents(this.spec, bound, placed.assignment, { ids: placed.dnsIds });
    const variables = new Variables(this.spec.name, this.#values);
    const request = repaveRequest();
    variables.register({ spec: this.spec, options: (definition) => catalog.variableOptions(definition, links), config: credentialConfig(), parent: this });
    const dns = dnsBlob(this.spec, links, placed);
    const registered = registerInstances({
      spec: this.spec,
      cloud,
      environment,
      catalog,
      links,
      linksOf: (group, job) => Object.fromEntries(Object.entries(links.links[group]?.[job] ?? {}).map(([name, content]) => [name, templateLink(content)])),
      placed,
      variables,
      packages: new Packages(),
      dns: holdDns(dns, { parent: this }),
      ...request,
      due: this.#due,
      parent: this,
    });
    const end = this.#finish(registered, placed, dns.records, request.repave?.before);
    recordManifest({ ...this.#manifest, spec: this.#written, facts }, { parent: this, dependsOn: [end] });
    const urls = registerLoadBalancers(this.spec, cloud, environment, placed.assignment, registered, this);
    return {
      instances: registered.map((r) => ({ instance: `${r.group}/${r.index}`, az: r.az, ip: r.ip })),
      urls: Object.fromEntries(urls.map(({ name, url }) => [name, url])),
      errands: errandsOf(this.#written, catalog),
    };
  }

  /** What comes after the last wave: records to every agent, then post-deploy. */
  #finish(registered: readonly RegisteredInstance[], placed: Placed, records: string, repavedBefore: string | undefined): PostDeploy {
    const agents = unlinked(pulumi.all(registered.filter((r) => r.started).map((r) => ({ instance: `${r.group}/${r.index}`, access: r.access }))));
    // All others are waited for by these.
    const after = { parent: this, dependsOn: registered.filter((r) => r.last).map((r) => r.resource) };
    const dns = new DnsRecords(this.spec.name, { deployment: this.spec.name, version: placed.revision, records, agents }, after);
    const updates = unlinked(pulumi.all(registered.map((r) => pulumi.all([r.resource.vmCid, r.resource.updatedAt]))).apply((all) => createHash("sha256").update(JSON.stringify(all)).digest("hex")));
    return new PostDeploy(this.spec.name, { deployment: this.spec.name, updates, repavedBefore, agents }, { parent: this, dependsOn: [dns] });
  }
}

export interface Placed {
  assignment: Assignment;
  /** Ids of the instances this update is the first to place. */
  fresh: readonly string[];
  /** It is the first update of the deployment. */
  initial: boolean;
  revision: number;
  dnsIds: DnsIds;
}

export interface Deployed {
  instances: InstanceSummary[];
  urls: Record<string, pulumi.Output<string>>;
  errands: ErrandFacts[];
}
