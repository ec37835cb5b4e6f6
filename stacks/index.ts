import * as pulumi from "@pulumi/pulumi";
import { localEnvironment } from "./local/environment.ts";
import { manifestDeployment } from "./local/manifest.ts";
import { typedDeployment } from "./local/typed.ts";

/**
 * Picks what the stack is. `repave:face` says how it is written: `typed` (the default) or `manifest`; both give the same plan.
 */
async function stack(): Promise<Record<string, unknown>> {
  const environment = localEnvironment();
  const face = new pulumi.Config("repave").get("face") ?? "typed";
  const deployment = face === "manifest" ? manifestDeployment(environment) : typedDeployment(environment);
  return { url: deployment.urls.apply((urls) => urls["router"]), instances: deployment.instances };
}

module.exports = stack;
