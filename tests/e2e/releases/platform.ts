import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { releaseSpec } from "./lab.ts";
import { type JobContext } from "./render.ts";

/** A CA and a certificate it signed for one name, as the variables of the environment would be. */
export function certificate(name: string): { ca: string; certificate: string; private_key: string } {
  const dir = mkdtempSync(path.join(os.tmpdir(), "repave-cert-"));
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: dir, stdio: "ignore" });
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=test CA");
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", `/CN=${name}`);
  writeFileSync(path.join(dir, "leaf.ext"), `subjectAltName=DNS:${name}\nextendedKeyUsage=serverAuth,clientAuth\n`);
  openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", "leaf.crt", "-days", "2", "-extfile", "leaf.ext");
  const read = (file: string): string => readFileSync(path.join(dir, file), "utf8");
  const made = { ca: read("ca.crt"), certificate: read("leaf.crt"), private_key: read("leaf.key") };
  rmSync(dir, { recursive: true });
  return made;
}

interface Group {
  release: string;
  job: string;
  ips: string[];
  properties: Record<string, unknown>;
}

const azs = ["z1", "z2", "z3"];

/** The environment `local` in small: contexts of every instance, with the links the Director would resolve. */
export function platform(groups: Record<string, Group>): (group: string, index: number) => JobContext {
  const links: JobContext["links"] = {};
  for (const group of Object.values(groups)) {
    const spec = releaseSpec(group.release, group.job);
    for (const link of spec.provides ?? []) {
      const properties: Record<string, unknown> = {};
      for (const name of link.properties ?? []) setAt(properties, name, getAt(group.properties, name) ?? spec.properties?.[name]?.default);
      links[link.name] = { properties, instances: group.ips.map((address, index) => ({ id: id(group, index), index, az: azs[index % 3] as string, address })) };
    }
  }
  return (name, index) => {
    const group = groups[name] as Group;
    return { release: group.release, job: group.job, group: name, index, id: id(group, index), az: azs[index % 3] as string, ip: group.ips[index] as string, properties: group.properties, links };
  };
}

function id(group: Group, index: number): string {
  return `00000000-0000-4000-8000-${Buffer.from(group.job).toString("hex").slice(0, 10).padStart(10, "0")}0${index}`;
}

function getAt(from: unknown, dotted: string): unknown {
  return dotted.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], from);
}

function setAt(into: Record<string, unknown>, dotted: string, value: unknown): void {
  const keys = dotted.split(".");
  const last = keys.pop() as string;
  let at = into;
  for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>;
  at[last] = value;
}
