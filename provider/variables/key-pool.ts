import { availableParallelism } from "node:os";
import type { Keys, RsaKey } from "../../director/variables/keys.ts";

/** Keys that are made ahead, several at a time, while values are still generated one after the other. */
export interface KeyPool extends Keys {
  /** Says which sizes will be asked for, and how many of each. */
  expect(bits: readonly number[]): void;
  /** Makes no further keys ahead. */
  close(): void;
}

export function keyPool(keys: Keys, parallel = availableParallelism()): KeyPool {
  const expected: number[] = [];
  const ready = new Map<number, Promise<RsaKey>[]>();
  let running = 0;

  const fill = (): void => {
    while (running < parallel && expected.length > 0) {
      const bits = expected.shift() as number;
      const key = keys.rsaKey(bits);
      running++;
      const done = (): void => {
        running--;
        fill();
      };
      key.then(done, done);
      ready.set(bits, [...(ready.get(bits) ?? []), key]);
    }
  };

  return {
    ...keys,
    expect(bits) {
      expected.push(...bits);
      fill();
    },
    close: () => void expected.splice(0),
    rsaKey(bits) {
      const key = ready.get(bits)?.shift();
      if (key) return key;
      const waiting = expected.indexOf(bits);
      if (waiting >= 0) expected.splice(waiting, 1);
      return keys.rsaKey(bits);
    },
  };
}
