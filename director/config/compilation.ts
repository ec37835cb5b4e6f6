import type { z } from "zod";
import type { AzSpec, CompilationSpec, NetworkSpec, VmTypeSpec } from "../spec/cloud-config.ts";
import type { cloudConfigSchema } from "../spec/config-schema.ts";
import type { VmResourcesSpec } from "../spec/deployment.ts";
import type { Report } from "../spec/issues.ts";
import type { Readable } from "../spec/read.ts";

type Input = NonNullable<Readable<z.output<typeof cloudConfigSchema>>["compilation"]>;

interface Known {
  azs: readonly AzSpec[];
  networks: readonly NetworkSpec[];
  vmTypes: readonly VmTypeSpec[];
  vmExtensions: readonly VmTypeSpec[];
}

export function readCompilation(given: Input | undefined, known: Known, report: Report): CompilationSpec {
  const input: Input = given ?? {};
  const at = ["compilation"];
  if (input.az && !known.azs.some((az) => az.name === input.az)) {
    const list = known.azs.map((az) => az.name).join(", ");
    report.add([...at, "az"], `Compilation config references unknown az '${input.az}'. Known azs are: [${list}]`, { directorCode: 120002 });
  }
  checkNetwork(input, known, at, report);
  checkVm(input, known, at, report);
  const vmResources = vmResourcesOf(input.vm_resources);
  return {
    workers: input.workers ?? 1,
    network: input.network ?? "",
    ...(input.az === undefined ? {} : { az: input.az }),
    ...(input.vm_type === undefined ? {} : { vmType: input.vm_type }),
    ...(vmResources === undefined ? {} : { vmResources }),
    vmExtensions: input.vm_extensions ?? [],
    cloudProperties: input.cloud_properties ?? {},
    env: input.env ?? {},
    reuseCompilationVms: input.reuse_compilation_vms ?? false,
    orphanWorkers: input.orphan_workers ?? false,
  };
}

function checkNetwork(input: Input, known: Known, at: string[], report: Report): void {
  if (input.network === undefined) return;
  const network = known.networks.find((item) => item.name === input.network);
  if (network === undefined) {
    report.add([...at, "network"], `Compilation config references an unknown network '${input.network}'`, { directorCode: 120001 });
  } else if (!reachesAzs(network, input.az === undefined ? undefined : [input.az])) {
    const message = `Compilation config refers to az '${input.az ?? ""}' but network '${network.name}' has no matching subnet(s).`;
    report.add([...at, "network"], message, { directorCode: 150006 });
  }
}

function checkVm(input: Input, known: Known, at: string[], report: Report): void {
  const { vm_type: vmType, vm_resources: resources, cloud_properties: properties } = input;
  const given = [vmType, resources, properties].filter((item) => item !== undefined && Object.keys(item).length > 0);
  if (given.length > 1) {
    report.add(at, "Compilation config specifies more than one of 'vm_type', 'vm_resources', or 'cloud_properties', only one is allowed.", { directorCode: 120007 });
  }
  if (vmType !== undefined && !known.vmTypes.some((type) => type.name === vmType)) {
    const list = known.vmTypes.map((type) => type.name).join(", ");
    report.add([...at, "vm_type"], `Compilation config references unknown vm type '${vmType}'. Known vm types are: ${list}`, { directorCode: 120003 });
  }
  for (const extension of input.vm_extensions ?? []) {
    if (!known.vmExtensions.some((item) => item.name === extension)) {
      const list = known.vmExtensions.map((item) => item.name).join(", ");
      report.add([...at, "vm_extensions"], `Compilation config references unknown vm extension '${extension}'. Known vm extensions are: ${list}`, { directorCode: 120005 });
    } else if (vmType === undefined && resources === undefined) {
      const message = `Compilation config is using vm extension '${extension}' and must configure a vm type or vm_resources block.`;
      report.add([...at, "vm_extensions"], message, { directorCode: 120007 });
    }
  }
}

/** Whether a network covers the AZs asked for: all of them, or neither side knows AZs. A vip network always does. */
export function reachesAzs(network: NetworkSpec, azs: readonly string[] | undefined): boolean {
  if (network.type === "vip") return true;
  const reached = new Set(network.subnets.flatMap((subnet): readonly (string | undefined)[] => subnet.azs ?? [undefined]));
  if (azs === undefined) return reached.has(undefined) || reached.size === 0;
  return azs.every((az) => reached.has(az));
}

export function vmResourcesOf(input: { cpu?: number; ram?: number; ephemeral_disk_size?: number } | undefined): VmResourcesSpec | undefined {
  if (input === undefined) return undefined;
  return { cpu: input.cpu ?? 0, ram: input.ram ?? 0, ephemeralDiskSize: input.ephemeral_disk_size ?? 0 };
}
