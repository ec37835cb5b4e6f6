import { initScript, POD_IP, STATIC_IP } from "./init-script.ts";

/** Where warden stemcells' agents read their settings. */
export const SETTINGS_PATH = "/var/vcap/bosh/warden-cpi-agent-env.json";
export const SETTINGS_KEY = "settings.json";

export interface Probe {
  protocol: "http" | "tcp";
  port: number;
  path: string;
  intervalMs: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
}

/** All that tells one VM's Pod from another's: a change of any of it is another VM. */
export interface PodFacts {
  image: string;
  imagePullSecrets: readonly string[];
  /** The address that a Service leads to it; undefined when the Pod has it itself. */
  staticIp: string | undefined;
  /** Annotations by which the CNI gives it its address. */
  addressing: Readonly<Record<string, string>>;
  hosts: Readonly<Record<string, string>>;
  requests: Readonly<Record<string, string>>;
  limits: Readonly<Record<string, string>>;
  ephemeralMiB: number | undefined;
  /** Claims of its persistent disks. */
  disks: readonly string[];
  probe: Probe;
  /** Labels of its group, and whether its VMs may share a host. */
  spread: { labels: Readonly<Record<string, string>>; hard: boolean } | undefined;
  tolerations: readonly object[];
  priorityClass: string | undefined;
  runtimeClass: string | undefined;
}

/** Where the Pod has a disk: the hint its agent is given. */
export function diskPath(claim: string): string {
  return `/var/vcap/disks/${claim}`;
}

/** The Pod that is a VM: one privileged container of the stemcell, under the stemcell's own init. A Pod that dies stays dead until it is made anew. */
export function podSpec(facts: PodFacts, secretName: string): Record<string, unknown> {
  return {
    containers: [
      {
        name: "vm",
        image: facts.image,
        command: ["/bin/sh", "-c", initScript],
        env: [...(facts.staticIp === undefined ? [] : [{ name: STATIC_IP, value: facts.staticIp }]), { name: POD_IP, valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }],
        securityContext: { privileged: true, runAsUser: 0 },
        resources: { requests: facts.requests, limits: facts.limits },
        readinessProbe: readiness(facts.probe),
        volumeMounts: [
          { name: "settings", mountPath: SETTINGS_PATH, subPath: SETTINGS_KEY, readOnly: true },
          { name: "data", mountPath: "/var/vcap/data" },
          ...facts.disks.map((claim, at) => ({ name: `disk-${at}`, mountPath: diskPath(claim) })),
        ],
      },
    ],
    volumes: [
      { name: "settings", secret: { secretName, defaultMode: 0o400 } },
      { name: "data", emptyDir: facts.ephemeralMiB === undefined ? {} : { sizeLimit: `${facts.ephemeralMiB}Mi` } },
      ...facts.disks.map((claim, at) => ({ name: `disk-${at}`, persistentVolumeClaim: { claimName: claim } })),
    ],
    restartPolicy: "Never",
    // Its jobs are drained and stopped by then; nothing is gained by waiting, and 0 would not wait for the host to let go of the disks.
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(facts.imagePullSecrets.length === 0 ? {} : { imagePullSecrets: facts.imagePullSecrets.map((name) => ({ name })) }),
    ...(Object.keys(facts.hosts).length === 0 ? {} : { nodeSelector: facts.hosts }),
    ...(facts.spread === undefined ? {} : { topologySpreadConstraints: [apart(facts.spread)] }),
    ...(facts.tolerations.length === 0 ? {} : { tolerations: facts.tolerations }),
    ...(facts.priorityClass === undefined ? {} : { priorityClassName: facts.priorityClass }),
    ...(facts.runtimeClass === undefined ? {} : { runtimeClassName: facts.runtimeClass }),
  };
}

/** AZs are chosen by placement already; within one, hosts. */
function apart({ labels, hard }: NonNullable<PodFacts["spread"]>): object {
  return { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: hard ? "DoNotSchedule" : "ScheduleAnyway", labelSelector: { matchLabels: labels } };
}

function readiness({ protocol, port, path, intervalMs, healthyThreshold, unhealthyThreshold }: Probe): object {
  const how = protocol === "http" ? { httpGet: { path, port } } : { tcpSocket: { port } };
  return { ...how, periodSeconds: Math.max(1, Math.round(intervalMs / 1000)), successThreshold: healthyThreshold, failureThreshold: unhealthyThreshold };
}
