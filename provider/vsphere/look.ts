import { IaasError } from "../../director/core/errors.ts";
import { type Account, type Look, type Seen, type SeenDisk, type SeenVm, textIn } from "../seen.ts";
import { accountOf } from "./account.ts";
import { escaped, textOf, VsphereSession } from "./soap.ts";

const VM = "vsphere:index/virtualMachine:VirtualMachine";
const DISK = "vsphere:index/virtualDisk:VirtualDisk";
const properties = ["name", "parent", "runtime.powerState", "config.uuid", "config.template", "config.createDate", "guest.ipAddress", "config.hardware.device"];

/** A VM as the inventory has it. */
interface Machine {
  id: string;
  uuid: string;
  values: Readonly<Record<string, string>>;
  /** Of its disks: `[datastore] path`, and the device's key. */
  files: { file: string; key: string; kib: number }[];
}

interface Found {
  /** `[datastore] path`. */
  file: string;
  sizeMiB: number;
  datastore: string;
}

/** VMs of the environment's folder, or that the state knows, and the files of its disks in every datastore. */
export const lookAtVsphere: Look = async (account, { environment }): Promise<Seen> => {
  const folder = `repave-${environment}`.replace(/[^A-Za-z0-9_.-]+/g, "-");
  return inSession(account, async (session) => {
    const [folders, vms, files] = [await session.every("Folder", ["name"]), await session.everyRaw("VirtualMachine", properties), await disksIn(session, folder)];
    const isOwned = (uuid: string) => account.known.get(uuid)?.has(VM) ?? false;
    const machines = [...vms].map(([id, values]): Machine => ({ id, uuid: values["config.uuid"] ?? "", values, files: filesOf(values["config.hardware.device"] ?? "") }));
    const ours = machines.filter(({ uuid, values }) => values["config.template"] !== "true" && (isOwned(uuid) || folders.get(values["parent"] ?? "")?.["name"] === folder));
    const knownFiles = new Set([...account.known].flatMap(([id, types]) => (types.has(DISK) ? [nameOf(id)] : [])));
    return {
      vms: ours.map((machine) => vmOf(account, machine, folder, isOwned(machine.uuid))),
      disks: files.map((found) => diskOf(account, found, machines, knownFiles.has(nameOf(found.file)))),
      others: [],
    };
  });
};

async function inSession<T>({ env, provider }: Account, work: (session: VsphereSession) => Promise<T>): Promise<T> {
  const told = { VSPHERE_SERVER: textIn(provider, "vsphereServer"), VSPHERE_USER: textIn(provider, "user"), VSPHERE_PASSWORD: textIn(provider, "password"), VSPHERE_ALLOW_UNVERIFIED_SSL: textIn(provider, "allowUnverifiedSsl") };
  const account = accountOf({ ...env, ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) });
  if ("missing" in account) throw new IaasError("iaas.credentials", `vCenter can't be asked: ${account.missing.join(", ")} not set`, { method: "info", hint: "repave doctor --iaas vsphere" });
  const session = await VsphereSession.open(account);
  try {
    return await work(session);
  } finally {
    await session.close().catch(() => undefined);
  }
}

/** Of a VM's devices the disks. */
function filesOf(devices: string): Machine["files"] {
  const disks = devices.split("<VirtualDevice").slice(1).filter((device) => /^[^>]*"VirtualDisk"/.test(device));
  return disks.map((device) => ({ key: textOf(device, "key"), kib: Number(textOf(device, "capacityInKB")), file: textOf(device.slice(device.indexOf("<backing")), "fileName") }));
}

/** The environment's folder of each datastore that a host reaches. */
async function disksIn(session: VsphereSession, folder: string): Promise<Found[]> {
  const stores = [...(await session.every("Datastore", ["name", "browser", "summary.accessible"]))].filter(([, { "summary.accessible": accessible }]) => accessible !== "false");
  const query = '<query xsi:type="VmDiskFileQuery"><details><diskType>false</diskType><capacityKb>true</capacityKb><hardwareVersion>false</hardwareVersion></details></query>';
  const spec = `<searchSpec>${query}<details><fileType>true</fileType><fileSize>true</fileSize><modification>false</modification></details><matchPattern>*.vmdk</matchPattern></searchSpec>`;
  const found = await Promise.all(
    stores.map(async ([datastore, { name = "", browser = "" }]): Promise<Found[]> => {
      const place = `[${name}] ${folder}`;
      const result = await session.task({ type: "HostDatastoreBrowser", id: browser }, "SearchDatastore", `<datastorePath>${escaped(place)}</datastorePath>${spec}`).catch(unlessNotThere);
      const files = result.split(/<file\b/).slice(1).map((file) => ({ path: textOf(file, "path"), kib: Number(textOf(file, "capacityKb")) || Number(textOf(file, "fileSize")) / 1024 }));
      // The contents of a disk are a file beside the one that describes it.
      return files.filter(({ path }) => path.endsWith(".vmdk") && !/-(flat|delta|ctk|sesparse)\.vmdk$/.test(path)).map(({ path, kib }) => ({ file: `${place}/${path}`, sizeMiB: Math.round(kib / 1024), datastore }));
    }),
  );
  return found.flat();
}

function unlessNotThere(error: unknown): string {
  if (error instanceof IaasError && /^(FileNotFound|NotFound)$/.test(String(error.details["fault"]))) return "";
  throw error;
}

/** What instances call a disk: its file without folder and ending. */
function nameOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.vmdk$/, "");
}

function vmOf(account: Account, { id, uuid, values, files }: Machine, folder: string, owned: boolean): SeenVm {
  const on = values["runtime.powerState"] === "poweredOn";
  const remove = () =>
    inSession(account, async (session) => {
      const vm = { type: "VirtualMachine", id };
      if (on) await session.task(vm, "PowerOffVM", "");
      // A VM is destroyed with the files it has: persistent disks must not be among them.
      const kept = files.filter(({ file }) => file.includes(`] ${folder}/`));
      if (kept.length > 0) await session.task(vm, "ReconfigVM", `<spec>${kept.map(detached).join("")}</spec>`);
      await session.task(vm, "Destroy", "");
    });
  return { cid: uuid, name: values["name"] ?? "", owned, state: on ? "running" : "stopped", az: "", ip: values["guest.ipAddress"] ?? "", createdAt: values["config.createDate"] ?? "", remove };
}

function detached({ key }: { key: string }): string {
  return `<deviceChange><operation>remove</operation><device xsi:type="VirtualDisk"><key>${key}</key></device></deviceChange>`;
}

function diskOf(account: Account, { file, sizeMiB, datastore }: Found, machines: readonly Machine[], owned: boolean): SeenDisk {
  const remove = () =>
    inSession(account, async (session) => {
      const places = await session.everyRaw("Datacenter", ["datastore"]);
      const [datacenter = ""] = [...places].find(([, { datastore: stores = "" }]) => stores.includes(`>${datastore}<`)) ?? [];
      await session.task("virtualDiskManager", "DeleteVirtualDisk", `<name>${escaped(file)}</name><datacenter type="Datacenter">${datacenter}</datacenter>`);
    });
  const user = machines.find(({ files }) => files.some((one) => one.file === file));
  const attached = user?.files.find((one) => one.file === file);
  return { cid: nameOf(file), name: nameOf(file), owned, sizeMiB: attached ? Math.round(attached.kib / 1024) : sizeMiB, attachedTo: user?.uuid, remove };
}
