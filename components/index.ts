/** What teams import: everything else is internal. @packageDocumentation */
export { Deployment, type DeploymentArgs, type InstanceSummary } from "./deployment/index.ts";
export type { ManifestArgs } from "./deployment/manifest.ts";
export type { DocumentSource, FileSource, OpsSource } from "./deployment/read.ts";
export { Environment, type CloudArgs, type CloudConfigArgs, type EnvironmentArgs } from "./environment.ts";
export { Database, type DatabaseOptions } from "./groups/database.ts";
export { Nats, type GroupOptions } from "./groups/nats.ts";
export { Router } from "./groups/router.ts";
export { Web, type WebOptions } from "./groups/web.ts";
export { awsIaas, type AwsIaas, type AwsIaasArgs } from "./iaas/aws/index.ts";
export { kubernetesIaas, type KubernetesIaasArgs, type PodAddresses } from "./iaas/kubernetes/index.ts";
export { localIaas, type LocalIaasArgs } from "./iaas/local/index.ts";
export { openstackIaas, type OpenstackIaasArgs, type OpenstackStemcell, type StemcellFile } from "./iaas/openstack/index.ts";
export type * from "./iaas/port.ts";
export { InstanceGroup, type InstanceGroupArgs, type JobDefinition, type ReleaseDefinition, type VariableDefinition } from "./instance-group.ts";
export { ownReleases } from "./groups/release-folder.ts";
export type { RepavePolicy } from "../director/rollout/repave-policy.ts";
export { readManifestText } from "./deployment/manifest.ts";
export type { Manifest } from "../director/spec/manifest-schema.ts";
