import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation } from "../../../../provider/resource-kind.ts";
import { diskSizesKind } from "../../../../provider/resources/disk-sizes.ts";

const said: string[] = [];
const operation = { name: "dep.db.1", status: (text: string) => said.push(text) } as unknown as Operation;
const diff = (from: number[], to: number[]) => diskSizesKind.diff({ sizesGiB: from }, { sizesGiB: to }, { sizesGiB: from }, operation);

test("a larger disk, or another number of them, makes it anew, delete-first, and says why", async () => {
  assert.deepEqual(await diff([1, 2], [1, 3]), { changed: ["sizesGiB"], replace: ["sizesGiB"], deleteBeforeReplace: true });
  assert.deepEqual(said, ["new VM: its disk grows from 1, 2 to 1, 3 GiB"]);
  assert.deepEqual(((await diff([1], [1, 5])) as { replace: string[] }).replace, ["sizesGiB"]);
  assert.deepEqual(((await diff([1], [1])) as { changed: string[] }).changed, []);
});

test("a smaller one is refused while its VM still runs", () => {
  assert.throws(() => diff([4], [2]), /disk of dep\.db\.1 has 4 GiB and can't shrink to 2/);
});
