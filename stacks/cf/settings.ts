import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const texts = z.array(z.string().min(1));

const schema = z.strictObject({
  /** Path of cf-deployment.yml. Relative paths start at the project's folder. */
  manifest: z.string({ error: "is missing: the path of your cf-deployment.yml" }).min(1),
  opsFiles: texts.default([]),
  /** Values for the manifest's references; `system_domain` at least. */
  vars: z.record(z.string(), z.any()).default({}),
  varsFiles: texts.default([]),
  /** Path of the vars store of an older installation. */
  varsStore: z.string().min(1).optional(),
  runtimeConfigs: texts.default([]),
  /** Path of a cloud config instead of the one that comes with the stack. */
  cloudConfig: z.string().min(1).optional(),
  iaas: z.enum(["local", "aws", "openstack", "vsphere", "kubernetes"]).default("local"),
  /** Folder with the releases, used instead of their URLs. */
  releases: z.string().min(1).optional(),
});

export type CfSettings = z.infer<typeof schema>;

/** What `cf:…` of the stack's configuration says, checked as a whole. */
export function cfSettings(): CfSettings {
  const config = new pulumi.Config("cf");
  const text = (key: keyof CfSettings): [string, unknown] => [key, config.get(key)];
  const value = (key: keyof CfSettings): [string, unknown] => [key, config.getObject(key)];
  const given = [text("manifest"), value("opsFiles"), value("vars"), value("varsFiles"), text("varsStore"), value("runtimeConfigs"), text("cloudConfig"), text("iaas"), text("releases")];
  const parsed = schema.safeParse(Object.fromEntries(given.filter(([, item]) => item !== undefined)));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  - cf:${issue.path.join(".")} ${issue.message}`);
  throw new pulumi.RunError(`The configuration of the stack 'cf' is not complete:\n${lines.join("\n")}\n  next: pulumi config set cf:manifest PATH; lists and maps are JSON`);
}
