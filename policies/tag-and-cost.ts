import { groupOf, isLocal, listed } from "./facts.ts";
import { defineRule, type CheckedResource, type Violation } from "./rule.ts";
import { amount, amounts, names, texts } from "./settings.ts";

/** Where each type keeps what people call tags. */
const TAGS: Readonly<Record<string, string>> = {
  "aws:ec2/instance:Instance": "tags",
  "aws:ebs/volume:Volume": "tags",
  "openstack:compute/instance:Instance": "metadata",
  "openstack:blockstorage/volume:Volume": "metadata",
  "kubernetes:core/v1:Pod": "metadata.labels",
  "kubernetes:core/v1:PersistentVolumeClaim": "metadata.labels",
};

/** vSphere's VMs have attributes for tags, by ids that only the attributes themselves know the names of. Its disks are files and have none. */
const VSPHERE_VM = "vsphere:index/virtualMachine:VirtualMachine";
const VSPHERE_ATTRIBUTE = "vsphere:index/customAttribute:CustomAttribute";

/** Every VM and disk says whose it is, and all VMs together cost no more than agreed. */
export const tagAndCost = defineRule({
  name: "tag-and-cost",
  description: "VMs and disks carry tags, and the environment stays within its budget.",
  config: {
    required: names("Tags of every VM and disk, without a prefix such as 'example.com/'.", ["environment", "deployment"]),
    attributes: texts("Names of vSphere's attributes by their ids, where an environment is given them ('customAttributes')."),
    prices: amounts("Price of each VM type for a month, in any currency."),
    budget: amount("Most that all VMs may cost in a month; 0 for any amount.", 0),
  },
  checkResource(resource, { required }) {
    if (isLocal(resource)) return { notApplicable: "what the local IaaS makes has no tags and costs nothing" };
    const at = TAGS[resource.type];
    if (at === undefined) return [];
    return lacking(resource, required, tagsOf(resource, at));
  },
  checkStack(resources, { required, attributes, prices, budget }) {
    const untagged = resources.filter(({ type }) => type === VSPHERE_VM).flatMap((vm) => lacking(vm, required, attributesOf(vm, attributes)));
    if (budget === 0) return untagged;
    const groups = resources.map(groupOf).filter((group) => group !== undefined);
    if (groups.length > 0 && groups.every((group) => group.iaas === "local")) return { notApplicable: "what the local IaaS makes has no tags and costs nothing" };
    const unpriced = [...new Set(groups.filter((group) => prices[group.vmType] === undefined).map((group) => `'${group.vmType}'`))];
    const cost = groups.reduce((sum, group) => sum + group.instances * (prices[group.vmType] ?? 0), 0);
    return [
      ...untagged,
      ...(unpriced.length > 0 ? [{ message: `The price of VM types ${listed(unpriced)} is not known: give it with 'prices'.` }] : []),
      ...(cost > budget ? [{ message: `The VMs of this environment cost ${cost} in a month; ${budget} is the budget.` }] : []),
    ];
  },
});

function lacking({ name, urn }: CheckedResource, required: readonly string[], tags: ReadonlySet<string>): Violation[] {
  const absent = required.filter((tag) => !tags.has(tag.toLowerCase()));
  return absent.length === 0 ? [] : [{ message: `'${name}' lacks the tags ${listed(absent)}.`, urn }];
}

function tagsOf({ props }: CheckedResource, at: string): Set<string> {
  const tags = at.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], props) ?? {};
  return namesOf(Object.keys(tags));
}

/** Those of the environment's own attributes, and of those it was given as far as their ids are told. */
function attributesOf(vm: CheckedResource, given: Readonly<Record<string, string>>): Set<string> {
  const own = (vm.madeFrom?.("customAttributes") ?? []).filter(({ type }) => type === VSPHERE_ATTRIBUTE).map(({ props }) => String(props["name"] ?? ""));
  const ids = Object.keys((vm.props["customAttributes"] as object | undefined) ?? {});
  return namesOf([...own, ...ids.flatMap((id) => given[id] ?? [])]);
}

function namesOf(keys: readonly string[]): Set<string> {
  return new Set(keys.map((key) => key.split("/").at(-1)!.toLowerCase()));
}
