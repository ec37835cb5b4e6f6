import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";
import { parseNetworks, type GroupNetwork } from "../../director/network/index.ts";
import { alphabeticallyFirst, balance } from "../../director/placement/balance.ts";
import { placeByStaticIps } from "../../director/placement/static-ips.ts";
import type { ExistingInstance, Matched } from "../../director/placement/types.ts";

// The answers were given by the Director's own placement code (bosh, August 2026) to random questions.
function cases<T>(file: string): T[] {
  return readFileSync(path.join(__dirname, "placement", file), "utf8").trim().split("\n").map((line) => JSON.parse(line) as T);
}

type Answer = "refused" | { kept: unknown[]; added: unknown[]; obsolete: number[] };

function answer(run: () => Matched, describe: (slot: Matched["slots"][number]) => unknown[], single: boolean): Answer {
  try {
    const { slots, obsolete } = run();
    return {
      kept: slots.filter((slot) => slot.existing).sort((a, b) => a.existing!.index - b.existing!.index).map((slot) => [slot.existing!.index, ...describe(slot)]),
      added: slots.filter((slot) => !slot.existing).map((slot) => (single ? describe(slot)[0] : describe(slot))),
      obsolete: obsolete.map((item) => item.index).sort((a, b) => a - b),
    };
  } catch (error) {
    assert.ok(error instanceof RepaveError, String(error));
    return "refused";
  }
}

function instance(index: number, az: string | null, ips: readonly [network: string, ip: string][] = []): ExistingInstance {
  const networks = Object.fromEntries(
    ips.map(([name, ip]) => [name, { type: "manual" as const, ip, netmask: null, gateway: null, prefix: 32, dns: [], default: [] }]),
  );
  return { row: { id: `i${index}`, index, az, bootstrap: false, disk: false, networks }, group: "web", az, index, disk: false, ignored: false };
}

test("placement by balance answers as the Director does", () => {
  const list = cases<{ n: number; azs: string[] | null; existing: string[]; answer: Answer }>("by-balance.jsonl");
  for (const [i, { n, azs, existing, answer: expected }] of list.entries()) {
    const rows = existing.map((text) => {
      const [index, az = "", ...marks] = text.split(":");
      return { ...instance(Number(index), az === "" ? null : az), disk: marks.includes("disk"), ignored: marks.includes("ignored") };
    });
    const got = answer(() => balance({ group: "web", instances: n, azs: azs ?? undefined, existing: rows, tie: alphabeticallyFirst }), (slot) => [slot.az], true);
    assert.deepEqual(got, expected, `line ${i + 1}`);
  }
  assert.ok(list.length >= 250);
});

interface StaticCase {
  n: number;
  azs: string[];
  existing: { index: number; az: string; ips: [string, string][] }[];
  networks: { name: string; staticIps: string[]; subnets: { net: string; azs: string[] }[] }[];
  answer: Answer;
}

test("placement by static IPs answers as the Director does", () => {
  const list = cases<StaticCase>("by-static-ips.jsonl");
  for (const [i, item] of list.entries()) {
    const parsed = parseNetworks(
      item.networks.map(({ name, subnets }) => ({
        name,
        type: "manual",
        subnets: subnets.map(({ net, azs }) => ({ range: `${net}.0/24`, gateway: `${net}.1`, static: `${net}.10-${net}.15`, azs })),
      })),
    );
    const networks = item.networks.map(({ name, staticIps }): GroupNetwork => ({ name, network: parsed.get(name)!, staticIps, default: [], nicGroup: undefined }));
    const existing = item.existing.map(({ index, az, ips }) => instance(index, az, ips));
    const got = answer(() => placeByStaticIps({ group: "web", instances: item.n, azs: item.azs, existing, networks }), (slot) => [slot.az, [...slot.statics.values()].sort()], false);
    assert.deepEqual(got, item.answer, `line ${i + 1}`);
  }
  assert.ok(list.filter((item) => item.answer !== "refused").length >= 100);
});
