import assert from "node:assert/strict";
import test from "node:test";
import { readProperties, readVmProperties } from "../../components/iaas/aws/cloud-properties.ts";
import { deviceNames, diskHint } from "../../components/iaas/aws/device.ts";
import { awsIaas } from "../../components/iaas/aws/index.ts";

const codeOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

test("what is refused says why, and all findings come at once", () => {
  assert.throws(() => readVmProperties("VM of web/1", { instance_type: "m5.large", auto_assign_public_ip: true, raw_instance_storage: true, nonsense: 1, tenancy: "host" }), (error: Error & { code: string }) => {
    assert.equal(error.code, "iaas.cloud-property");
    for (const part of [/VM of web\/1/, /'auto_assign_public_ip' is refused: interfaces are made before/, /'raw_instance_storage' is refused/, /'nonsense' is unknown/, /'tenancy'/]) assert.match(error.message, part);
    return true;
  });
  assert.equal(codeOf(() => readVmProperties("VM of web/1", {})), "iaas.cloud-property");
});

test("the CPI's own forms are taken as they are", () => {
  const given = {
    instance_type: "m5.large",
    ephemeral_disk: { size: 25_000, type: "gp3", use_root_disk: false },
    root_disk: { size: 50_000 },
    metadata_options: { http_tokens: "required", http_put_response_hop_limit: 2 },
    advertised_routes: [{ table_id: "rtb-1", destination: "10.200.0.0/16" }],
    tags: { team: "platform", cost: 7 },
  };
  assert.deepEqual(readVmProperties("VM", given), given);
  assert.deepEqual(readProperties("disk_types", "disk", { type: "io2", iops: 100, encrypted: false }), { type: "io2", iops: 100, encrypted: false });
});

test("disks have a letter each, and are found by their id where the kernel numbers devices", () => {
  assert.equal(deviceNames.length, new Set(deviceNames).size);
  for (const type of ["m5.large", "t3a.small", "p3dn.24xlarge", "i3.metal", "m8g.large", "u-6tb1.metal"]) assert.equal(diskHint(type, "/dev/sdf", "vol-0a1b"), "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0a1b", type);
  for (const type of ["m4.large", "c4.xlarge", "t2.micro", "i3.large", "p3.2xlarge"]) assert.equal(diskHint(type, "/dev/sdf", "vol-0a1b"), "/dev/sdf", type);
});

test("arguments are checked before anything is made", () => {
  const good = { region: "eu-central-1", vpc: { cidr: "10.0.0.0/16" }, stemcells: {} };
  assert.equal(awsIaas(good).name, "aws");
  for (const bad of [{ ...good, region: "here" }, { ...good, vpc: { cidr: "ten" } }, { ...good, stemcells: { "ubuntu/1": "image" } }, { ...good, nat: "both" }, { ...good, surprise: 1 }]) {
    assert.equal(codeOf(() => awsIaas(bad as never)), "iaas.aws-args");
  }
});
