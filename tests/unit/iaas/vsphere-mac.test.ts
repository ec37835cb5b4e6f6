import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Macs } from "../../../components/iaas/vsphere/mac.ts";

const address = fc.tuple(fc.nat(63), fc.nat(255), fc.nat(255)).map(([b, c, d]) => `10.${b}.${c}.${d}`);

test("different addresses of a /10 have different MAC addresses, in VMware's range for those given by hand, always the same", () => {
  fc.assert(
    fc.property(fc.uniqueArray(address, { minLength: 2, maxLength: 50 }), (ips) => {
      const macs = new Macs();
      const found = ips.map((ip) => macs.of("vms", ip));
      assert.equal(new Set(found).size, ips.length);
      for (const mac of found) assert.match(mac, /^00:50:56:[0-3][0-9a-f](:[0-9a-f]{2}){2}$/);
      assert.deepEqual(ips.map((ip) => new Macs().of("vms", ip)), found);
    }),
  );
});

test("two addresses with one MAC address are refused on one port group, and fine on two", () => {
  const macs = new Macs();
  assert.equal(macs.of("a", "10.0.0.9"), macs.of("b", "10.64.0.9"));
  assert.throws(() => macs.of("a", "10.64.0.9"), /10\.0\.0\.9 and 10\.64\.0\.9 on 'a' would have the same MAC address/);
});

test("an IPv6 address has one too", () => {
  assert.match(new Macs().of("vms", "2001:db8::9"), /^00:50:56:[0-3]/);
});
