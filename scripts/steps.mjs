// Named, timed steps for set-up and build: one line each, skipped when done already.
const shown = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** Runs one step. `done` answers a text when there is nothing to do. */
export async function step(name, { done, run }) {
  const started = performance.now();
  const already = await done?.();
  if (already) return void process.stderr.write(`  ${name}: ${already} (skipped)\n`);
  process.stderr.write(`  ${name} ...\n`);
  const result = await run();
  process.stderr.write(`  ${name}: ${result ?? "done"} (${shown(performance.now() - started)})\n`);
}

/** Ends set-up with what is wrong and what to do, without a stack. */
export function fail(what, next) {
  process.stderr.write(`error: ${what}\n`);
  if (next) process.stderr.write(`  next: ${next}\n`);
  process.exit(1);
}
