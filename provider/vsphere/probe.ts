import { IaasError } from "../../director/core/errors.ts";
import { accountOf } from "./account.ts";
import { VsphereSession } from "./soap.ts";

/** One line of `repave doctor --iaas vsphere`. */
export interface VsphereCheck {
  name: string;
  ok: boolean;
  /** Whether an environment can be made without it. */
  required: boolean;
  found: string;
  fix: string;
}

const GIB = 1024 ** 3;
/** Below this a datastore holds hardly a VM. */
const FEW_GIB = 20;

/** What making and removing an environment takes, by the ids that roles have. */
const privileges = [
  "Datastore.AllocateSpace",
  "Datastore.Browse",
  "Datastore.FileManagement",
  "Folder.Create",
  "Folder.Delete",
  "Global.ManageCustomFields",
  "Global.SetCustomField",
  "Host.Inventory.EditCluster",
  "Network.Assign",
  "Resource.AssignVMToPool",
  "VirtualMachine.Config.AddExistingDisk",
  "VirtualMachine.Config.AddNewDisk",
  "VirtualMachine.Config.AdvancedConfig",
  "VirtualMachine.Config.CPUCount",
  "VirtualMachine.Config.Memory",
  "VirtualMachine.Config.RemoveDisk",
  "VirtualMachine.Interact.PowerOff",
  "VirtualMachine.Interact.PowerOn",
  "VirtualMachine.Inventory.CreateFromExisting",
  "VirtualMachine.Inventory.Delete",
  "VirtualMachine.Provisioning.DeployTemplate",
];

/** Whether the vCenter of the `VSPHERE_*` variables can carry an environment: account, privileges, clusters, datastores. */
export async function probeVsphere(env: NodeJS.ProcessEnv): Promise<VsphereCheck[]> {
  const account = accountOf(env);
  if ("missing" in account) return [{ name: "vCenter account", ok: false, required: true, found: `${account.missing.join(", ")} not set`, fix: "set VSPHERE_SERVER, VSPHERE_USER and VSPHERE_PASSWORD" }];
  let session: VsphereSession;
  try {
    session = await VsphereSession.open(account);
  } catch (error) {
    if (!(error instanceof IaasError)) throw error;
    return [{ name: "vCenter account", ok: false, required: true, found: error.message, fix: error.hint ?? "" }];
  }
  try {
    const first: VsphereCheck = { name: "vCenter account", ok: true, required: true, found: `${account.user} at ${account.server}, ${session.version}`, fix: "" };
    return [first, await privilegeCheck(session), await clusterCheck(session), ...(await datastoreChecks(session))];
  } finally {
    await session.close().catch(() => undefined);
  }
}

async function privilegeCheck(session: VsphereSession): Promise<VsphereCheck> {
  const lacking = await session.missing(privileges);
  // Roles may be given on folders and clusters alone: what is lacking at the root may be there where it counts.
  return { name: "privileges", ok: lacking.length === 0, required: false, found: lacking.length === 0 ? `all ${privileges.length} at the root` : `at the root not ${lacking.join(", ")}`, fix: "give the account a role with these on the folder, clusters, datastores and networks of the environment" };
}

async function clusterCheck(session: VsphereSession): Promise<VsphereCheck> {
  const clusters = [...(await session.every("ClusterComputeResource", ["name", "summary.numEffectiveHosts"])).values()];
  const usable = clusters.filter((cluster) => Number(cluster["summary.numEffectiveHosts"] ?? 0) > 0).map((cluster) => cluster["name"] ?? "");
  return { name: "clusters", ok: usable.length > 0, required: true, found: usable.length === 0 ? `${clusters.length}, none with a host that runs VMs` : usable.sort().join(", "), fix: "an AZ is a cluster: see whether the account may read them" };
}

async function datastoreChecks(session: VsphereSession): Promise<VsphereCheck[]> {
  const stores = [...(await session.every("Datastore", ["name", "summary.freeSpace", "summary.accessible"])).values()];
  return stores.map((store): VsphereCheck => {
    const free = Math.floor(Number(store["summary.freeSpace"] ?? 0) / GIB);
    const there = store["summary.accessible"] !== "false";
    return { name: `datastore ${store["name"]}`, ok: there && free >= FEW_GIB, required: false, found: there ? `${free} GiB free` : "no host reaches it", fix: "name another in the cloud config, or make room" };
  });
}
