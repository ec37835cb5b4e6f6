import { IaasError } from "../../director/core/errors.ts";
import { OpenstackApi, type OpenstackService } from "./api.ts";

/** One line of `repave doctor --iaas openstack`. */
export interface OpenstackCheck {
  name: string;
  ok: boolean;
  /** Whether an environment can be made without it. */
  required: boolean;
  found: string;
  fix: string;
}

const services: readonly { service: OpenstackService; name: string; path: string; required: boolean }[] = [
  { service: "compute", name: "Nova", path: "/flavors/detail", required: true },
  { service: "network", name: "Neutron", path: "/v2.0/networks", required: true },
  { service: "volume", name: "Cinder", path: "/limits", required: true },
  { service: "image", name: "Glance", path: "/v2/images", required: true },
  { service: "balancer", name: "Octavia", path: "/v2.0/lbaas/loadbalancers", required: false },
];

/** Whether the project of the `OS_*` variables can carry an environment: credentials, services, quotas. */
export async function probeOpenstack(env: NodeJS.ProcessEnv): Promise<OpenstackCheck[]> {
  let api: OpenstackApi;
  try {
    api = await OpenstackApi.open(env);
  } catch (error) {
    if (!(error instanceof IaasError)) throw error;
    return [{ name: "OpenStack credentials", ok: false, required: true, found: error.message, fix: error.hint ?? "see whether this machine reaches OS_AUTH_URL" }];
  }
  const project = env["OS_PROJECT_NAME"] ?? env["OS_TENANT_NAME"] ?? "the credential's project";
  const first: OpenstackCheck = { name: "OpenStack credentials", ok: true, required: true, found: `${project} at ${new URL(env["OS_AUTH_URL"]!).host}`, fix: "" };
  const reached = await Promise.all(services.map((entry) => serviceCheck(api, entry)));
  return [first, ...reached, ...(await quotaChecks(api))];
}

async function serviceCheck(api: OpenstackApi, { service, name, path, required }: (typeof services)[number]): Promise<OpenstackCheck> {
  const url = api.endpoint(service);
  if (url === undefined) return { name, ok: false, required, found: "not in the catalog", fix: required ? "ask the cloud's operator, or set OS_REGION_NAME" : "load balancers need it" };
  try {
    await api.get(service, path);
    return { name, ok: true, required, found: new URL(url).origin, fix: "" };
  } catch (error) {
    return { name, ok: false, required, found: (error as Error).message, fix: `see whether this machine reaches ${new URL(url).origin}, and whether the user has a role in the project` };
  }
}

interface Limits {
  limits: { absolute: Record<string, number> };
}

/** What is left of each quota; -1 is none. An environment of a few VMs needs a few of each. */
async function quotaChecks(api: OpenstackApi): Promise<OpenstackCheck[]> {
  const limitsOf = (service: OpenstackService) => api.get<Limits>(service, "/limits").then(({ limits }) => limits.absolute, () => ({}) as Record<string, number>);
  const [compute, volume] = await Promise.all([limitsOf("compute"), limitsOf("volume")]);
  const lines: [string, number | undefined, number | undefined, string][] = [
    ["servers", compute["totalInstancesUsed"], compute["maxTotalInstances"], "instances"],
    ["cores", compute["totalCoresUsed"], compute["maxTotalCores"], "cores"],
    ["memory (MiB)", compute["totalRAMUsed"], compute["maxTotalRAMSize"], "ram"],
    ["volumes", volume["totalVolumesUsed"], volume["maxTotalVolumes"], "volumes"],
    ["volume GiB", volume["totalGigabytesUsed"], volume["maxTotalVolumeGigabytes"], "gigabytes"],
  ];
  return lines.flatMap(([name, used, most, quota]) => {
    if (used === undefined || most === undefined) return [];
    const ok = most < 0 || used < most;
    return [{ name: `quota: ${name}`, ok, required: true, found: most < 0 ? `${used} used, no limit` : `${used} of ${most} used`, fix: `ask for a larger quota of '${quota}', or remove what is not needed` }];
  });
}
