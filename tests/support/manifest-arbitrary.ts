import fc from "fast-check";

type Tree = Record<string, unknown>;

const name = fc.constantFrom("a", "b", "c", "d", "e");
const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 5 }), fc.constant(null));
const properties = fc.dictionary(name, fc.oneof(leaf, fc.dictionary(name, leaf, { maxKeys: 3 })), { maxKeys: 3 });
const watch = fc.oneof(fc.nat(9999), fc.tuple(fc.nat(99), fc.integer({ min: 100, max: 999 })).map(([min, max]) => `${min} - ${max}`));
const count = fc.oneof(fc.nat(5), fc.nat(100).map((n) => `${n}%`));

function optional(shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Tree> {
  return fc.record(shape, { requiredKeys: [] });
}

const update = { canaries: count, max_in_flight: count, canary_watch_time: watch, update_watch_time: watch };
const updateOptions = { serial: fc.boolean(), vm_strategy: fc.constantFrom("delete-create", "create-swap-delete"), initial_deploy_az_update_strategy: fc.constantFrom("serial", "parallel") };

const job = fc
  .record({ name, release: fc.constantFrom("web", "db") }, { requiredKeys: ["name", "release"] })
  .chain((base) => optional({ properties, provides: fc.dictionary(name, fc.constantFrom("nil", { as: "x", shared: true }), { maxKeys: 2 }), consumes: fc.dictionary(name, fc.constantFrom("nil", { from: "x" }), { maxKeys: 2 }) }).map((more) => ({ ...base, ...more })));
const jobs = fc.uniqueArray(job, { maxLength: 4, selector: (item) => item.name });

const group = fc.tuple(jobs, fc.boolean(), fc.integer({ min: 0, max: 3 })).chain(([list, two, instances]) =>
  optional({
    azs: fc.constant(["z1"]),
    update: optional({ ...update, ...updateOptions }),
    env: fc.constant({ bosh: { swap_size: 0 } }),
    tags: fc.dictionary(name, fc.string({ maxLength: 3 }), { maxKeys: 2 }),
    properties,
    lifecycle: fc.constantFrom("service", "errand"),
    persistent_disk_type: fc.constant("large"),
    vm_extensions: fc.constantFrom([], ["public"]),
  }).map((more) => ({
    instances,
    jobs: list,
    stemcell: "default",
    azs: ["z1", "z2"],
    networks: two ? [{ name: "default", default: ["dns", "gateway"] }, { name: "floating" }] : [{ name: "default" }],
    ...(instances % 2 === 0 ? { vm_type: "small" } : { vm_resources: { cpu: 1, ram: 2, ephemeral_disk_size: 3 } }),
    ...more,
  })),
);

const addon = fc.record({ jobs: fc.uniqueArray(job, { maxLength: 2, selector: (item) => item.name }), include: optional({ lifecycle: fc.constantFrom("service", "errand"), azs: fc.constant(["z2"]) }) });

/** Manifests that are right, for the cloud config of the fixture. */
export const manifests: fc.Arbitrary<Tree> = fc
  .tuple(fc.array(group, { maxLength: 4 }), fc.array(addon, { maxLength: 2 }), fc.record(update), optional(updateOptions), optional({ properties, features: optional({ use_dns_addresses: fc.boolean(), converge_variables: fc.boolean() }) }))
  .map(([groups, addons, top, topOptions, more]) => ({
    name: "made",
    releases: [{ name: "web", version: "1" }, { name: "db", version: "2" }],
    stemcells: [{ alias: "default", os: "ubuntu-jammy", version: "1" }],
    update: { ...top, ...topOptions },
    instance_groups: groups.map((item, i) => ({ name: `group-${i}`, ...item })),
    // names of their own, so that no addon clashes with a group's job
    addons: addons.map((item, i) => ({ name: `addon-${i}`, ...item, jobs: item.jobs.map((entry) => ({ ...entry, name: `${entry.name}-${i}` })) })),
    variables: [{ name: "v", type: "password" }, { name: "c", type: "certificate", options: { ca: "x" }, consumes: { alternative_name: { from: "l" } } }],
    ...more,
  }));
