// Measures what a person waits for: `make up` with filled caches, an update without changes, a repave, `make down`.
// As a program: platform.ts [RUNS]. Uses the caches of the user, and a home of its own.
import { CheckoutRun } from "../support/platform/checkout-run.ts";
import type { Finished } from "../support/platform/command.ts";
import { median, report, seconds } from "./figure.ts";

const [runs = "3"] = process.argv.slice(2);

async function well(running: Promise<Finished>): Promise<void> {
  const { code, text } = await running;
  if (code !== 0) throw new Error(text);
}

async function main(): Promise<void> {
  const times = { up: [] as number[], again: [] as number[], down: [] as number[] };
  const run = new CheckoutRun("bench");
  const make = (target: string) => () => well(run.run(["make", "--silent", target, `ENVIRONMENT=${run.environment}`]));
  try {
    // The first fills the caches.
    for (let n = 0; n <= Number(runs); n++) {
      const up = await seconds(make("up"));
      if (n > 0) times.up.push(up);
      for (let again = 0; again < 3; again++) times.again.push(await seconds(make("up")));
      if (n === Number(runs)) report({ name: "repave of all 8 VMs, without load", value: await seconds(() => well(run.repave("repave", "--environment", run.environment))), unit: "s", note: "one run" });
      times.down.push(await seconds(make("down")));
    }
  } finally {
    await run.close();
  }
  report({ name: "make up, warm", value: median(times.up), unit: "s", target: 60, note: `median of ${times.up.length}` });
  report({ name: "make up, no change", value: median(times.again), unit: "s", target: 10, note: `median of ${times.again.length}` });
  report({ name: "make down", value: median(times.down), unit: "s", note: `median of ${times.down.length}` });
}

void main();
