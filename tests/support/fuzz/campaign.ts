import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { RepaveError } from "../../../director/core/errors.ts";
import { seeded, type Random } from "./mutate.ts";

/** Something that reads what others wrote. */
export interface FuzzTarget {
  name: string;
  /** Makes the input of one round and has it read. Any result is an answer. */
  round(random: Random): Promise<{ answer: unknown }>;
  /** The most one round may take, in milliseconds. */
  slowest: number;
  /** Codes of errors that tell nobody what is wrong with the input. */
  unclear?: readonly string[];
  /** Looks every so many rounds whether all is as it was. */
  check?(): Promise<void> | void;
  checkEvery?: number;
}

export interface Campaign {
  /** How many rounds; `FUZZ_ROUNDS` wins. */
  rounds: number;
  /** The first round's seed; `FUZZ_SEED` wins. */
  seed?: number;
}

const LONGEST_MESSAGE = 8000;

/** Runs rounds of a target: each gives an answer or a clear error, in time. A failure says how to run its round again. */
export async function campaign(t: TestContext, target: FuzzTarget, { rounds, seed = 1 }: Campaign): Promise<Map<string, number>> {
  const count = Number(process.env["FUZZ_ROUNDS"] ?? rounds);
  const first = Number(process.env["FUZZ_SEED"] ?? seed);
  const outcomes = new Map<string, number>();
  const began = performance.now();
  let slowest = { round: first, ms: 0 };
  for (let round = first; round < first + count; round++) {
    const again = `${target.name}, seed ${round}; again: FUZZ_SEED=${round} FUZZ_ROUNDS=1`;
    const started = performance.now();
    const outcome = await outcomeOf(target, seeded(round), again);
    const ms = performance.now() - started;
    if (ms > slowest.ms) slowest = { round, ms };
    assert.ok(ms < target.slowest, `${again}: took ${Math.round(ms)} ms`);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (target.check && (round - first) % (target.checkEvery ?? 1000) === 0) await target.check();
  }
  await target.check?.();
  const seconds = (performance.now() - began) / 1000;
  t.diagnostic(`${target.name}: seeds ${first} to ${first + count - 1} in ${seconds.toFixed(0)} s, slowest ${Math.round(slowest.ms)} ms (${slowest.round}); ${[...outcomes].sort((a, b) => b[1] - a[1]).map(([code, n]) => `${n} ${code}`).join(", ")}`);
  return outcomes;
}

async function outcomeOf(target: FuzzTarget, random: Random, again: string): Promise<string> {
  try {
    await target.round(random);
    return "answer";
  } catch (error) {
    assert.ok(error instanceof RepaveError, `${again}: ${error instanceof Error ? error.stack : String(error)}`);
    assert.match(error.message, /\S/, `${again}: an error without words`);
    assert.ok(error.message.length < LONGEST_MESSAGE, `${again}: an error of ${error.message.length} characters`);
    assert.ok(!target.unclear?.includes(error.code), `${again}: ${error.code}: ${error.message} ${String(error.cause)}`);
    return error.code;
  }
}

/** Mutations must get past the outer layers, and not leave everything as it was: else a campaign shows nothing. */
export function assertMixed(outcomes: ReadonlyMap<string, number>, codes: readonly string[]): void {
  if (process.env["FUZZ_ROUNDS"] !== undefined) return;
  for (const code of codes) assert.ok((outcomes.get(code) ?? 0) > 0, `'${code}' never came: ${JSON.stringify([...outcomes])}`);
}
