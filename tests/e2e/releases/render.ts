import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readTemplateSpec } from "../../../director/templates/job-spec.ts";
import { rubyRenderer } from "../../../provider/templates/index.ts";

const releases = path.join(__dirname, "../../../releases");

export interface JobContext {
  release: string;
  job: string;
  group: string;
  index: number;
  id: string;
  az: string;
  ip: string;
  properties: Record<string, unknown>;
  /** Link name to what it resolves to. */
  links: Record<string, { properties: Record<string, unknown>; instances: { id: string; index: number; az: string; address: string }[] }>;
}

let renderer: ReturnType<typeof rubyRenderer> | undefined;

/** Renders a job of ours with the real renderer, with the modes an agent gives. */
export async function renderTo(context: JobContext, target: string): Promise<void> {
  const dir = path.join(releases, context.release, "jobs", context.job);
  const read = (file: string): string => readFileSync(path.join(dir, file), "utf8");
  const spec = readTemplateSpec(read("spec"));
  renderer ??= rubyRenderer({ threads: 1 });
  const rendered = await renderer.renderInstance({
    context: {
      deployment: "local",
      name: context.group,
      index: context.index,
      bootstrap: context.index === 0,
      id: context.id,
      az: context.az,
      address: context.ip,
      ip: context.ip,
      dns_domain_name: "bosh",
      persistent_disk: 0,
      networks: {},
      job: {},
    },
    jobs: [
      {
        name: context.job,
        release: { name: context.release, version: "0" },
        monit: read("monit"),
        templates: spec.templates.map(({ src, dest }) => ({ src, dest, content: read(path.join("templates", src)) })),
        properties: spec.properties,
        manifestProperties: context.properties,
        links: Object.fromEntries(Object.entries(context.links).map(([name, link]) => [name, { ...link, instances: link.instances.map((i) => ({ name, bootstrap: i.index === 0, ...i })) }])),
      },
    ],
  } as unknown as Parameters<typeof renderer.renderInstance>[0]);
  const job = rendered.jobs[0];
  if (!job) throw new Error("nothing was rendered");
  for (const file of [{ dest: "monit", content: job.monit }, ...job.files]) {
    const to = path.join(target, file.dest);
    mkdirSync(path.dirname(to), { recursive: true, mode: 0o750 });
    writeFileSync(to, file.content);
    chmodSync(to, file.dest.startsWith("bin/") ? 0o750 : 0o640);
  }
}

export async function closeRenderer(): Promise<void> {
  await renderer?.close();
  renderer = undefined;
}
