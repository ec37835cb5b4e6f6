import path from "node:path";

export type Layout = ReturnType<typeof layoutOf>;

/** Every path below the base folder (a VM's `/var/vcap`). */
export function layoutOf(base: string) {
  const at = (...parts: string[]) => path.join(base, ...parts);
  return {
    base,
    bosh: at("bosh"),
    agentLogs: at("bosh", "log"),
    settings: at("bosh", "settings.json"),
    updateSettings: at("bosh", "update_settings.json"),
    diskHints: at("bosh", "persistent_disk_hints.json"),
    managedDisk: at("bosh", "managed_disk_settings.json"),
    spec: at("bosh", "spec.json"),
    tasks: at("bosh", "tasks.json"),
    bootIdentity: at("bosh", "boot_identity"),
    trustedCerts: at("bosh", "trusted_certs"),
    data: at("data"),
    blobs: at("data", "blobs"),
    sensitiveBlobs: at("data", "sensitive_blobs"),
    tmp: at("data", "tmp"),
    /** The agent's own: emptied at each start, since what a killed agent leaves there may hold secrets. */
    ownTmp: at("data", "tmp", "agent"),
    compile: at("data", "compile"),
    jobBundles: at("data", "jobs"),
    packageBundles: at("data", "packages"),
    jobs: at("jobs"),
    packages: at("packages"),
    sys: at("sys"),
    dataSys: at("data", "sys"),
    logs: at("sys", "log"),
    run: at("sys", "run"),
    store: at("store"),
    migrationTarget: at("store_migration_target"),
    instance: at("instance"),
    diskLinks: at("instance", "disks"),
    dnsRecords: at("instance", "dns", "records.json"),
    health: at("instance", "health.json"),
    monit: at("monit"),
    monitJobs: at("monit", "job"),
    monitState: at("monit", "state.json"),
    stopped: at("monit", "stopped"),
    ssh: at("bosh_ssh"),
    jobBin: (job: string, script: string) => at("jobs", job, "bin", script),
    jobLog: (job: string, file = "") => at("sys", "log", job, file),
    jobDirs: (job: string) => [at("data", "sys", "log", job), at("data", "sys", "run", job), at("data", job)],
  };
}
