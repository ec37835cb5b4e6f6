export { placeDeployment } from "./place.ts";
export { seededIds, type IdSource } from "./ids.ts";
export type {
  AzRequest,
  GroupRequest,
  MigratedFrom,
  ObsoleteInstance,
  PlacedInstance,
  Placement,
  PlacementChange,
  PlacementFeatures,
  PlacementInput,
  PlacementReason,
  PlacementResult,
  ReleasedAddress,
} from "./types.ts";
