export { specAddress, specIp, defaultNetwork, type AddressOptions } from "./addresses.ts";
export { bindLinks, linksError, type LinkBinding, type LinkBindings, type OtherDeployments } from "./bindings.ts";
export type { JobDefinition, JobLookup, LinkDefinition } from "./job-definition.ts";
export type { LinkConsumer, LinkContent, LinkedInstance, LinkProvider, StoredLink } from "./model.ts";
export type { LinkInstance, LinkPlacement } from "./placement.ts";
export { linkContents, linkedVariableOptions, resolveLinks, templateLink, type LinkOptions, type ResolvedLinks } from "./resolve-links.ts";
