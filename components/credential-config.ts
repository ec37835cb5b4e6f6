import * as pulumi from "@pulumi/pulumi";
import { RepaveError } from "../director/core/errors.ts";
import { generationsSchema, rotationSchema, type CredentialConfig } from "../director/rotation/index.ts";

/** What the stack's config says about credentials: `repave:generations`, and `repave:rotation` while one is under way. */
export function credentialConfig(): CredentialConfig {
  const config = new pulumi.Config("repave");
  const generations = generationsSchema.safeParse(config.getObject("generations") ?? {});
  if (!generations.success) {
    throw new RepaveError("credential.bad-config", "The config value repave:generations is not understood", { hint: 'it is {"DEPLOYMENT/VARIABLE": 1}; \'repave rotate\' writes it' });
  }
  const given = config.getObject("rotation");
  if (given === undefined) return { generations: generations.data, rotation: undefined };
  const rotation = rotationSchema.safeParse(given);
  if (!rotation.success) {
    throw new RepaveError("credential.bad-config", "The config value repave:rotation is not understood", { hint: "only 'repave rotate' writes it; go on with the version of repave that did" });
  }
  return { generations: generations.data, rotation: rotation.data };
}
