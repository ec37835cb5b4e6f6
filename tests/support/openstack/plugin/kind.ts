import type { ResourceKind } from "../../../../provider/resource-kind.ts";
import { kindOf as standInKind, type Fields, type Part as StandInPart } from "../../stand-in/kind.ts";
import type { Api } from "./api.ts";

export type { Fields } from "../../stand-in/kind.ts";

/** One resource of OpenStack; its type as in `compute/instance:Instance`. */
export type Part = StandInPart<Api>;

export const kindOf = (part: Part, api: () => Api): ResourceKind<Fields, Fields> => standInKind({ ...part, type: `openstack:${part.type}` }, api);
