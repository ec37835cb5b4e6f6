import type { Json } from "./deployment.ts";
import { choice, hash, items, list, object, shapedItems, shapedMap, text, untyped } from "./kinds.ts";

const customProvider = object(
  {
    name: untyped<string>("Name of the link"),
    type: untyped<string>("Type of the link"),
    properties: items("Dotted names of the job's properties the link carries").optional(),
  },
  "A link this job provides although its release does not say so",
);

/** Keys of `provides`, checked with the links because their errors are gathered there. */
export const provideSchema = object(
  {
    as: text("Name under which others find the link, instead of its own").optional(),
    shared: untyped<boolean>("Only `true` lets other deployments consume it").optional(),
    aliases: list(
      object(
        {
          domain: text("Name to publish in DNS; `_` stands for one instance with `placeholder_type: uuid`"),
          health_filter: choice(["smart", "healthy", "unhealthy", "all"], "Which instances answer").optional(),
          initial_health_check: choice(["synchronous", "asynchronous"], "Whether the first query waits for a health check").optional(),
          placeholder_type: text("`uuid` publishes one name per instance").optional(),
        },
        "One DNS alias",
      ),
      "DNS names of our own for this link",
    ).optional(),
  },
  "How a link is provided; the text `nil` blocks it",
);

export const consumeSchema = object(
  {
    from: text("Alias of the provider; default: the link's own name").optional(),
    deployment: text("Another deployment that shares the link").optional(),
    network: text("Network whose addresses the link gives").optional(),
    ip_addresses: untyped<boolean>("`true` gives IP addresses, `false` DNS names; absent: the provider's setting").optional(),
    instances: items<Json>("Manual link: the instances, written by hand").optional(),
    properties: hash("Manual link: its properties; needs `instances`").optional(),
    address: text("Manual link: what `link.address` answers").optional(),
  },
  "How a link is consumed; the text `nil` blocks it",
);

const common = {
  name: text("Name of the job in its release"),
  release: text("Name of a release listed in `releases`"),
  provides: shapedMap<typeof provideSchema, "nil">(provideSchema, "Links this job provides, by name; the text `nil` blocks one").optional(),
  consumes: shapedMap<typeof consumeSchema, "nil">(consumeSchema, "Links this job consumes, by name; the text `nil` blocks one").optional(),
};

export const jobSchema = object(
  {
    ...common,
    properties: hash("Properties of the job. Present: the whole source; absent: the group's and the deployment's are used").optional(),
    custom_provider_definitions: shapedItems(customProvider, "Links this job provides beyond those of its release").optional(),
  },
  "One job of the group",
);

export const addonJobSchema = object(
  { ...common, properties: hash("Properties of the job; absent: the addon's").optional() },
  "One job of the addon",
);
