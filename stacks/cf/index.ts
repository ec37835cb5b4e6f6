import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Deployment, Environment, localIaas, type DocumentSource, type IaasAdapter } from "../../components/index.ts";
import { awsSurroundings } from "../aws/index.ts";
import { kubernetesSurroundings } from "../kubernetes/index.ts";
import { openstackSurroundings } from "../openstack/index.ts";
import { vsphereSurroundings } from "../vsphere/index.ts";
import { cfSettings, type CfSettings } from "./settings.ts";

/** Cloud Foundry from the user's own cf-deployment.yml, on the IaaS that `cf:iaas` names, or on this one. */
export function cfDeployment(iaas?: CfSettings["iaas"]): Deployment {
  const settings = cfSettings();
  const files = (names: readonly string[]) => names.map((file) => ({ file }));
  const surroundings = surroundingsOn(iaas ?? settings.iaas);
  const environment = new Environment(pulumi.getStack(), {
    ...surroundings,
    cloudConfig: settings.cloudConfig === undefined ? surroundings.cloudConfig : { file: settings.cloudConfig },
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

function surroundingsOn(iaas: CfSettings["iaas"]): { iaas: IaasAdapter; cloudConfig: DocumentSource; deployerRanges?: readonly string[] | undefined } {
  if (iaas === "local") return { iaas: localIaas(), cloudConfig: { file: path.join(__dirname, "local-cloud-config.yml") } };
  if (iaas === "aws") return awsSurroundings();
  if (iaas === "kubernetes") return kubernetesSurroundings();
  if (iaas === "openstack") return openstackSurroundings();
  return vsphereSurroundings();
}
