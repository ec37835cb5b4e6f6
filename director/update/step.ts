export type StepName =
  | "add-persistent-disk"
  | "apply"
  | "attach-disk"
  | "create-disk"
  | "create-vm"
  | "delete-vm"
  | "detach-disk"
  | "drain"
  | "fetch-logs"
  | "get-state"
  | "info"
  | "list-disk"
  | "mark-completed"
  | "mark-started"
  | "migrate-disk"
  | "mount-disk"
  | "orphan-disk"
  | "orphan-vm"
  | "ping"
  | "post-deploy"
  | "post-start"
  | "post-stop"
  | "pre-start"
  | "pre-stop"
  | "prepare"
  | "publish-dns"
  | "release-addresses"
  | "remove-persistent-disk"
  | "render"
  | "resize-disk"
  | "run-errand"
  | "set-vm-metadata"
  | "shutdown"
  | "snapshot-disk"
  | "start"
  | "stop"
  | "store-state"
  | "swap-active-vm"
  | "switch-disk"
  | "sync-dns"
  | "unmount-disk"
  | "update-settings"
  | "upload-templates"
  | "wait-for-agent"
  | "wait-until-running";

/** The smallest thing that can be done to an instance, and what fails when something fails. */
export interface UpdateStep {
  readonly step: StepName;
  /** Who does it: the VM's agent, the IaaS adapter, or the deployer itself. */
  readonly on: "agent" | "iaas" | "repave";
  /** Which VM, while an instance has two. */
  readonly vm?: "old" | "new";
  readonly params?: Readonly<Record<string, unknown>>;
}

export function onAgent(step: StepName, params?: Readonly<Record<string, unknown>>): UpdateStep {
  return { step, on: "agent", ...(params ? { params } : {}) };
}

export function onIaas(step: StepName, params?: Readonly<Record<string, unknown>>): UpdateStep {
  return { step, on: "iaas", ...(params ? { params } : {}) };
}

export function onRepave(step: StepName, params?: Readonly<Record<string, unknown>>): UpdateStep {
  return { step, on: "repave", ...(params ? { params } : {}) };
}
