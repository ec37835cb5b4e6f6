import type { InstanceContext } from "../../director/templates/instance-spec.ts";
import type { InstanceInput, Renderer, TemplateSource } from "../../director/templates/renderer.ts";

export const instanceContext: InstanceContext = {
  deployment: "dep",
  name: "web",
  index: 0,
  bootstrap: true,
  id: "5a1b6c7e-0000-4000-8000-000000000001",
  az: "z1",
  networks: {},
  dns_domain_name: "bosh",
  address: "10.0.0.1",
  ip: "10.0.0.1",
  persistent_disk: 0,
  job: { name: "web", templates: [] },
};

/** The input of an instance with one job whose spec declares exactly the given properties. */
export function instanceWith(templates: readonly TemplateSource[], properties: Record<string, unknown> = {}, monit = ""): InstanceInput {
  const definitions = Object.keys(properties).map((name) => ({ name, definition: new Map() }));
  return { context: instanceContext, jobs: [{ name: "app", release: { name: "rel", version: "1" }, monit, templates, properties: definitions, manifestProperties: properties }] };
}

/** The text that one template renders to. */
export async function renderOne(renderer: Renderer, template: string, properties: Record<string, unknown> = {}): Promise<string> {
  const { jobs } = await renderer.renderInstance(instanceWith([{ src: "a.erb", dest: "a", content: template }], properties));
  return Buffer.from(jobs[0]!.files[0]!.content).toString();
}
