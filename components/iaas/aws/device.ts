/** Families from before Nitro; AWS makes no new ones. Their disks have the names they were attached by. */
const beforeNitro = /^(t1|t2|m1|m2|m3|m4|c1|c3|c4|cc2|cr1|r3|r4|x1|x1e|i2|i3|d2|h1|hi1|hs1|f1|g2|g3|g3s|p2|p3)\./;

/** Device names of persistent disks, in order. */
export const deviceNames = [..."fghijklmnop"].map((letter) => `/dev/sd${letter}`);

/**
 * Where an agent finds a volume: on Nitro under the volume's id, since the kernel numbers NVMe devices as it meets them.
 *
 * @param volume id, `vol-…`
 */
export function diskHint(instanceType: string, device: string, volume: string): string {
  const xen = beforeNitro.test(instanceType) && !instanceType.endsWith(".metal");
  return xen ? device : `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume.replace("-", "")}`;
}
