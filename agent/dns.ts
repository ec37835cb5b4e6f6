import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { asInteger, asList, asObject, asString, DecodeError } from "./decode.ts";
import { giveToVcap, readText, writeAtomic } from "./files.ts";

/** The version of the saved records, -1 if there are none. */
export function savedVersion(recordsFile: string): number {
  try {
    return asInteger(asObject(JSON.parse(readText(recordsFile) ?? "null"), "records").version ?? -1, "version");
  } catch {
    return -1;
  }
}

/** Takes a DNS blob over: names into the hosts file, the whole for bosh-dns. */
export function saveRecords(options: { blobFile: string; version: number; recordsFile: string; hostsFile: string; hostName: string }): void {
  const content = readFileSync(options.blobFile);
  const { version, records } = decode(content.toString("utf8"));
  if (version !== options.version) throw new Error("version from unpacked dns blob does not match version supplied by director");
  mkdirSync(path.dirname(options.hostsFile), { recursive: true });
  // Written in place: a VM's hosts file may be a mount of its own, which can't be renamed over.
  writeFileSync(options.hostsFile, hostsText(options.hostName, records));
  writeAtomic(options.recordsFile, content, 0o640);
  giveToVcap(options.recordsFile);
}

function decode(text: string): { version: number; records: [string, string][] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Error(`unmarshalling DNS records: ${error instanceof Error ? error.message : String(error)}`);
  }
  const blob = asObject(parsed, "dns");
  const records = asList(blob.records, "dns.records").map((entry): [string, string] => {
    const [ip, name] = asList(entry, "dns.records").map((part) => asString(part, "dns.records"));
    if (ip === undefined || name === undefined || /\s/.test(ip + name)) throw new DecodeError("unmarshalling DNS records: a record is not [ip, name]");
    return [ip, name];
  });
  return { version: asInteger(blob.version, "dns.version"), records };
}

function hostsText(hostName: string, records: readonly [string, string][]): string {
  const own = [
    `127.0.0.1 localhost ${hostName}`,
    "",
    "# The following lines are desirable for IPv6 capable hosts",
    `::1 localhost ip6-localhost ip6-loopback ${hostName}`,
    "fe00::0 ip6-localnet",
    "ff00::0 ip6-mcastprefix",
    "ff02::1 ip6-allnodes",
    "ff02::2 ip6-allrouters",
    "",
  ];
  return [...own, ...records.map(([ip, name]) => `${ip} ${name}`), ""].join("\n");
}
