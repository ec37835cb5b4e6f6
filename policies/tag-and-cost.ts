import { groupOf, isLocal, listed } from "./facts.ts";
import { defineRule, type CheckedResource } from "./rule.ts";
import { amount, amounts, names } from "./settings.ts";

/** Where each type keeps what people call tags. */
const TAGS: Readonly<Record<string, string>> = {
  "aws:ec2/instance:Instance": "tags",
  "aws:ebs/volume:Volume": "tags",
  "openstack:compute/instance:Instance": "metadata",
  "openstack:blockstorage/volume:Volume": "metadata",
  "kubernetes:core/v1:Pod": "metadata.labels",
  "kubernetes:core/v1:PersistentVolumeClaim": "metadata.labels",
};

/** Every VM and disk says whose it is, and all VMs together cost no more than agreed. */
export const tagAndCost = defineRule({
  name: "tag-and-cost",
  description: "VMs and disks carry tags, and the environment stays within its budget.",
  config: {
    required: names("Tags of every VM and disk, without a prefix such as 'example.com/'.", ["environment", "deployment"]),
    prices: amounts("Price of each VM type for a month, in any currency."),
    budget: amount("Most that all VMs may cost in a month; 0 for any amount.", 0),
  },
  checkResource(resource, { required }) {
    if (isLocal(resource)) return { notApplicable: "what the local IaaS makes has no tags and costs nothing" };
    const at = TAGS[resource.type];
    if (at === undefined) return [];
    const absent = required.filter((tag) => !tagsOf(resource, at).has(tag.toLowerCase()));
    return absent.length === 0 ? [] : [{ message: `'${resource.name}' lacks the tags ${listed(absent)}.` }];
  },
  checkStack(resources, { prices, budget }) {
    if (budget === 0) return [];
    const groups = resources.map(groupOf).filter((group) => group !== undefined);
    if (groups.length > 0 && groups.every((group) => group.iaas === "local")) return { notApplicable: "what the local IaaS makes has no tags and costs nothing" };
    const unpriced = [...new Set(groups.filter((group) => prices[group.vmType] === undefined).map((group) => `'${group.vmType}'`))];
    const cost = groups.reduce((sum, group) => sum + group.instances * (prices[group.vmType] ?? 0), 0);
    return [
      ...(unpriced.length > 0 ? [{ message: `The price of VM types ${listed(unpriced)} is not known: give it with 'prices'.` }] : []),
      ...(cost > budget ? [{ message: `The VMs of this environment cost ${cost} in a month; ${budget} is the budget.` }] : []),
    ];
  },
});

function tagsOf({ props }: CheckedResource, at: string): Set<string> {
  const tags = at.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], props) ?? {};
  return new Set(Object.keys(tags).map((key) => key.split("/").at(-1)!.toLowerCase()));
}
