import { interpolationDeviations } from "./manifest/interpolation/deviations.ts";
import { templateDeviations, type Deviation } from "./templates/deviations.ts";

/** One way in which we differ from BOSH's own tools, on purpose. */
export interface DocumentedDeviation {
  id: string;
  /** What BOSH does. */
  bosh: string;
  /** What happens here. */
  here: string;
  reason: string;
}

/** Every documented deviation by what it is about; the page "what differs" is made from this. */
export const deviations: readonly { title: string; list: readonly DocumentedDeviation[] }[] = [
  { title: "Interpolation", list: interpolationDeviations.map(fromList) },
  { title: "Templates", list: templateDeviations.map(fromList) },
  {
    title: "Manifests and configs",
    list: [
      { id: "counts-at-parse", bosh: "`canaries` and `max_in_flight` that are no numbers fail in the middle of the update", here: "refused when the manifest is read", reason: "nothing should have changed by then" },
      { id: "azs-filter", bosh: "an addon's `azs` filter crashes on a group without AZs", here: "an issue with the filter's path", reason: "all issues are reported at once" },
      { id: "redaction", bosh: "errors show the hash they are about", here: "values under properties, env, options and cloud_properties are hidden", reason: "they hold credentials" },
      { id: "extra-update-keys", bosh: "unknown keys are ignored", here: "`max_surge` and `az_order` in `update` mean something", reason: "wishes that BOSH has not met; absent, all is as in BOSH" },
      { id: "managed-networks", bosh: "the IaaS chooses the range of a managed subnet that gives none, and the network goes with the last deployment that uses it", here: "a range is chosen by the names of network and subnet, in the /16 of the first range that is given; the network goes with the environment", reason: "a plan must know addresses before anything is made" },
      { id: "stemcell-latest", bosh: "a stemcell's `version: latest` takes the greatest one uploaded", here: "the greatest one the adapter is given; on the local IaaS, which has them all, version 1, or the prefix of `PREFIX.latest`", reason: "nothing is uploaded to a Director" },
      { id: "reversed-ranges", bosh: "a range of addresses whose end comes before its begin is empty", here: "refused", reason: "nobody means it, and what should be reserved would be given out" },
      { id: "whole-floats", bosh: "templates see a manifest's whole floats from a million up as floats where they are written with a point (`1.5e6`)", here: "as integers", reason: "manifests travel between program and provider as plain JSON; smaller ones are integers in BOSH, too, for its CLI writes them so" },
      { id: "number-keys", bosh: "maps inside lists reach templates in the order in which the CLI writes keys", here: "the same, but keys that look like whole numbers come first", reason: "JavaScript's objects have that order" },
    ],
  },
  {
    title: "Releases",
    list: [
      { id: "template-outside-job", bosh: "the fingerprint of a template outside the job's folder depends on the absolute path", here: "refused", reason: "a fingerprint that changes with the checkout's place is no fingerprint" },
      { id: "pre-packaging", bosh: "`create-release` runs `pre_packaging` for the fingerprint", here: "`release fingerprint` and reading a folder never run it; `release create` does", reason: "reading must not execute anything" },
      { id: "folder-modes", bosh: "folders in archives keep their modes", here: "0755, with one fixed time", reason: "equal contents give equal bytes; nobody reads the modes" },
      { id: "dev-builds", bosh: "writes `.dev_builds`", here: "does not", reason: "BOSH would look for bytes that only our store has" },
    ],
  },
  {
    title: "Placement and updates",
    list: [
      { id: "released-addresses", bosh: "a new instance takes the lowest free address", here: "addresses of VMs removed a moment ago are given out last", reason: "such a VM may outlive an update that stopped" },
      { id: "sticky-disk", bosh: "dropping a disk rebalances one deploy later", here: "what had a disk stays until something else changes", reason: "a plan of the planned must be empty" },
      { id: "address-order", bosh: "within an AZ new addresses are handed out in the order of random ids", here: "in the order of indexes", reason: "plans are the same on every run" },
      { id: "errand-addresses", bosh: "an errand group has no addresses until it runs", here: "it has them from the first update on", reason: "its run must not fail for want of an address, nor change anything that is planned" },
      { id: "waves-over-all", bosh: "canaries and `max_in_flight` count the instances that change", here: "they count all instances of the group in the AZ; removals come last", reason: "the engine's edges are fixed before anyone knows what changes; a partial change may have no canary" },
      { id: "healthy-in-a-row", bosh: "one `running` answer makes an instance healthy", here: "three in a row, 0.7 s apart, with no process started anew in between", reason: "a process that dies again and again looks well at the right moment" },
      { id: "swap-at-the-end", bosh: "an old VM is shut down when its instance has moved, and deleted within minutes", here: "it stays, its jobs stopped, until the whole update has ended well (with `max_surge`: until its instance runs on the new one)", reason: "a change that is taken back takes back its VMs" },
      { id: "records-only-quirk", bosh: "DNS plus one of trusted certificates, blobstore or NATS settings touches records only", here: "in place", reason: "the new settings would not reach the agent" },
    ],
  },
  {
    title: "The embedded agent of local VMs",
    list: [
      { id: "no-panic", bosh: "a wrong drain type or an empty version ends the agent", here: "an exception", reason: "the next call should find an agent" },
      { id: "trusted-certificates", bosh: "go into the system's store", here: "are kept below `/var/vcap/bosh/trusted_certs`", reason: "a local VM's system is read-only" },
      { id: "signed-urls", bosh: "actions `*_with_signed_url`, `bundle_logs`, dynamic disks", here: "`unknown message`", reason: "nothing of ours sends them" },
      { id: "monit-subset", bosh: "monit", here: "pidfile, start, stop, timeout, group, depends on; `if` statements are ignored with a log line", reason: "supervision is the agent's own" },
    ],
  },
];

function fromList({ id, director, here, reason }: Deviation): DocumentedDeviation {
  return { id, bosh: director, here, reason };
}

/** The page as Markdown. */
export function whatDiffersPage(): string {
  const lines = ["# What differs from BOSH", "", "Made from `director/deviations.ts` by `scripts/what-differs.mjs`. What is not listed here is meant to be the same; please report it if it is not.", ""];
  for (const { title, list } of deviations) {
    lines.push(`## ${title}`, "");
    if (list.length === 0) {
      lines.push("Nothing is known to differ.", "");
      continue;
    }
    lines.push("| | BOSH | here | why |", "| --- | --- | --- | --- |", ...list.map((d) => `| ${d.id} | ${cell(d.bosh)} | ${cell(d.here)} | ${cell(d.reason)} |`), "");
  }
  return lines.join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
