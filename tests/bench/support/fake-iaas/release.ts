import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { rawTgz } from "../../../support/tar-builder.ts";

export const STEMCELL = { os: "fake", version: "1" };

const packages = ["runtime", "tools", "service"];

const jobs: Record<string, { spec: object; config: string }> = {
  nats: { spec: { provides: [{ name: "nats", type: "nats", properties: ["port"] }], properties: { port: { default: 4222 }, note: { default: "" } } }, config: 'port: <%= p("port") %>\nnote: <%= p("note") %>\n' },
  cell: {
    spec: { provides: [{ name: "cell", type: "cell" }], consumes: [{ name: "nats", type: "nats" }], properties: { note: { default: "" }, password: { default: "" } } },
    config: 'nats: <%= link("nats").instances.map(&:address).join(",") %>\nnote: <%= p("note") %>\npassword: <%= p("password") %>\nindex: <%= spec.index %>\n',
  },
  router: {
    spec: { consumes: [{ name: "cell", type: "cell" }], properties: { note: { default: "" } } },
    config: '<% link("cell").instances.each do |i| -%>\n- <%= i.address %>\n<% end -%>\n',
  },
};

/** Writes a compiled release: every job has three packages of `packageBytes`, and the routers know all cells. */
export function writeBenchRelease(file: string, packageBytes: number): void {
  const digest = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const entries: { name: string; content: Buffer }[] = [];
  const listed = (folder: string, name: string, archive: Buffer): { name: string; version: string; fingerprint: string; sha1: string } => {
    entries.push({ name: `${folder}/${name}.tgz`, content: archive });
    const fingerprint = createHash("sha256").update(name).digest("hex");
    return { name, version: fingerprint, fingerprint, sha1: digest(archive) };
  };
  const jobParts = Object.entries(jobs).map(([name, { spec, config }]) => {
    const manifest = { name, templates: { "config.erb": "config/config.yml", "ctl.erb": "bin/ctl" }, packages, ...spec };
    const archive = rawTgz([
      { name: "job.MF", content: JSON.stringify(manifest) },
      { name: "monit", content: `check process ${name}\n  with pidfile /var/vcap/sys/run/${name}/${name}.pid\n  group vcap\n` },
      { name: "templates/config.erb", content: config },
      { name: "templates/ctl.erb", content: "#!/bin/sh\nexit 0\n" },
    ]);
    return { ...listed("jobs", name, archive), packages };
  });
  const compiled = packages.map((name) => ({ ...listed("compiled_packages", name, rawTgz([{ name, content: randomBytes(packageBytes) }])), dependencies: [], stemcell: `${STEMCELL.os}/${STEMCELL.version}` }));
  const manifest = { name: "bench", version: "1", commit_hash: "0", uncommitted_changes: false, jobs: jobParts, compiled_packages: compiled };
  writeFileSync(file, rawTgz([{ name: "release.MF", content: JSON.stringify(manifest) }, ...entries]));
}
