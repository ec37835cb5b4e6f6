export { abort, advance, goesOn, type Advance } from "./advance.ts";
export type { CredentialSpec } from "./credential.ts";
export { describePhase, phaseOf } from "./describe.ts";
export { heldBack, type HoldingVariable } from "./held-back.ts";
export { generationsSchema, rotationSchema, type CredentialConfig, type Generations, type Rotation, type RotationPhase } from "./record.ts";
export { startRotation, type RotationRequest, type RotationStart } from "./start.ts";
export { agentEpoch, credentialId, versionsOf, type CredentialVersions } from "./versions.ts";
