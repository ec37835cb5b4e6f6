import * as pulumi from "@pulumi/pulumi";
import type { Deployment } from "../components/index.ts";
import { cfDeployment } from "./cf/index.ts";
import { localEnvironment } from "./local/environment.ts";
import { manifestDeployment } from "./local/manifest.ts";
import { typedDeployment } from "./local/typed.ts";

/**
 * Picks what the stack is: `repave:stack` is `local` (the default), `cf`, or `aws`, `kubernetes`, `openstack` or `vsphere`, which are `cf` there. Of `local`, `repave:face` says how it is written:
 * `typed` (the default) or `manifest`; both give the same plan.
 */
async function stack(): Promise<Record<string, unknown>> {
  const config = new pulumi.Config("repave");
  const deployment = chosen(config.get("stack") ?? "local", config.get("face") ?? "typed");
  return { url: deployment.urls.apply((urls) => urls["router"]), instances: deployment.instances };
}

function chosen(name: string, face: string): Deployment {
  if (name === "cf") return cfDeployment();
  if (name === "aws" || name === "kubernetes" || name === "openstack" || name === "vsphere") return cfDeployment(name);
  if (name !== "local") throw new pulumi.RunError(`There is no stack '${name}'\n  next: pulumi config set repave:stack local (or cf, aws, kubernetes, openstack, vsphere)`);
  const environment = localEnvironment();
  return face === "manifest" ? manifestDeployment(environment) : typedDeployment(environment);
}

module.exports = stack;
