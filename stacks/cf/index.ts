import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Deployment, Environment, localIaas, type IaasAdapter } from "../../components/index.ts";
import { cfSettings, type CfSettings } from "./settings.ts";

/** Cloud Foundry from the user's own cf-deployment.yml, on the IaaS that `cf:iaas` names. */
export function cfDeployment(): Deployment {
  const settings = cfSettings();
  const files = (names: readonly string[]) => names.map((file) => ({ file }));
  const environment = new Environment(pulumi.getStack(), {
    iaas: adapter(settings.iaas),
    cloudConfig: { file: settings.cloudConfig ?? path.join(__dirname, "local-cloud-config.yml") },
    vars: settings.vars,
    varsFiles: files(settings.varsFiles),
  });
  return new Deployment("cf", {
    environment,
    manifest: { file: settings.manifest },
    opsFiles: files(settings.opsFiles),
    vars: settings.vars,
    varsFiles: files(settings.varsFiles),
    varsStore: settings.varsStore,
    runtimeConfigs: files(settings.runtimeConfigs),
    releases: settings.releases,
  });
}

function adapter(iaas: CfSettings["iaas"]): IaasAdapter {
  if (iaas === "local") return localIaas();
  throw new pulumi.RunError(`The stack 'cf' runs on the local IaaS only so far; an adapter for '${iaas}' is not there yet\n  next: pulumi config set cf:iaas local`);
}
