import * as pulumi from "@pulumi/pulumi";
import { MBUS_PORT } from "../../../director/network/port-table.ts";
import { AgentSettings } from "../../../provider/resources/agent-settings.ts";
import type { AccessPath, Vm, VmArgs } from "../port.ts";
import { addressPorts } from "./address-service.ts";
import type { VmProperties } from "./cloud-properties.ts";
import { vmFacts } from "./facts.ts";
import { annotationsOf, digestOf, labelsOf, objectName, vmLabel } from "./names.ts";
import { diskPath, podSpec, SETTINGS_KEY, type PodFacts } from "./pod.ts";
import { notWaiting, type Shared, untilRuns } from "./shared.ts";

/** A VM: its agent's settings in a Secret, the Services that lead to it, and the Pod. */
export function declareVm(shared: Shared, name: string, vm: VmArgs, opts: pulumi.CustomResourceOptions): Vm {
  const { sdk, args, open, namespace, provider } = shared;
  const { properties, pod: known } = vmFacts(open.environment, args, vm);
  const object = objectName(vm.deployment, vm.slot);
  const inCloud = pulumi.mergeOptions(opts, { provider });
  const meta = { namespace, labels: { ...labelsOf(vm.tags), [vmLabel]: object }, annotations: annotationsOf(vm.tags) };
  const via: AccessPath = args.access ?? { kind: "direct" };
  const facts = pulumi.all([vm.stemcell.image, ...vm.disks.map((disk) => disk.cid)]).apply(([image, ...disks]): PodFacts => ({ ...known, image: image!, disks }));

  const settings = new AgentSettings(
    name,
    {
      vmName: object,
      ip: vm.ip,
      via,
      networks: Object.fromEntries(Object.entries(vm.networks).map(([network, value]) => [network, { ...value, preconfigured: true }])),
      disks: { system: "", ephemeral: null },
      env: vm.env,
      fingerprint: facts.apply(definite),
      agentCa: vm.agentCa,
      agentEpoch: vm.agentEpoch,
      repaveBefore: vm.repaveBefore,
    },
    vm.hold ? pulumi.mergeOptions(opts, { ignoreChanges: ["networks", "env", "fingerprint", "repaveBefore"] }) : opts,
  );
  // Named by its content, so that new settings are another Secret, and a Pod that mounts it another Pod.
  const named = pulumi.unsecret(settings.userData.apply((userData) => objectName(object, digestOf(userData).slice(0, 10))));
  const secret = new sdk.Secret(name, { metadata: { ...meta, name: named }, immutable: true, stringData: { [SETTINGS_KEY]: settings.userData } }, inCloud);
  const services = declareServices(shared, name, { vm, object, properties, meta }, inCloud);
  const pod = new sdk.Pod(
    name,
    {
      metadata: {
        namespace,
        name: object,
        labels: { ...properties.labels, ...meta.labels },
        annotations: { ...properties.annotations, ...meta.annotations, ...known.addressing, ...untilRuns },
      },
      spec: pulumi.all([facts, secret.metadata.name]).apply(([its, secretName]) => podSpec(its as PodFacts, secretName) as never),
    },
    pulumi.mergeOptions(inCloud, {
      dependsOn: services,
      // Its name and its disks are the old one's: never both at once. The provider would patch some fields that no API server lets it.
      deleteBeforeReplace: true,
      replaceOnChanges: ["spec", ...Object.keys(known.addressing).map((key) => `metadata.annotations["${key}"]`)],
      ...(vm.hold ? { ignoreChanges: ["spec"] } : {}),
    }),
  );
  const access = pulumi
    .all([settings.agentId, settings.mbusPassword, pulumi.output(vm.agentCa)])
    .apply(([agentId, password, ca]) => ({ via, ip: vm.ip, port: MBUS_PORT, agentId, password, ca: ca.certificate }));
  // A name is the next Pod's too: only the uid says that it is another.
  const cid = pod.metadata.uid.apply((uid) => `${object}.${uid.slice(0, 8)}`);
  return { resource: pod, cid, access: pulumi.secret(access), hints: vm.disks.map((disk) => pulumi.all([disk.cid, pod.metadata.uid]).apply(([claim]) => diskPath(claim))) };
}

interface Addressed {
  vm: VmArgs;
  object: string;
  properties: VmProperties;
  meta: { namespace: pulumi.Output<string>; labels: Record<string, string>; annotations: Record<string, string> };
}

/** What leads to the VM: the address its instance keeps, unless the Pod has it, and ports of every host where its VM type asks for them. */
function declareServices({ sdk, args, open }: Shared, name: string, { vm, object, properties, meta }: Addressed, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const metadata = { ...meta, name: object, annotations: { ...meta.annotations, ...notWaiting } };
  // Its agent is spoken to long before its jobs make it ready.
  const common = { selector: { [vmLabel]: object }, publishNotReadyAddresses: true };
  const made: pulumi.Resource[] = [];
  if ((args.addresses ?? "service") === "service") {
    const ports = addressPorts(`${vm.group}/${vm.instanceId}`, open.rules, properties);
    made.push(new sdk.Service(name, { metadata, spec: { ...common, type: "ClusterIP", clusterIP: vm.ip, ports } }, pulumi.mergeOptions(opts, { deleteBeforeReplace: true })));
  }
  if (properties.node_ports !== undefined && properties.node_ports.length > 0) {
    const ports = properties.node_ports.map((p) => ({ name: p.name, protocol: (p.protocol ?? "tcp").toUpperCase(), port: p.port, targetPort: p.port, ...(p.node_port === undefined ? {} : { nodePort: p.node_port }) }));
    made.push(new sdk.Service(`${name}-ports`, { metadata: { ...metadata, name: objectName(object, "ports") }, spec: { ...common, type: "NodePort", ports } }, pulumi.mergeOptions(opts, { deleteBeforeReplace: true })));
  }
  return made;
}

/** Absent members left out: the engine does not keep `undefined`. */
function definite(facts: PodFacts): Record<string, unknown> {
  return JSON.parse(JSON.stringify(facts)) as Record<string, unknown>;
}
