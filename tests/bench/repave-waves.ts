// Measures what a wave of a repave costs beside the jobs' own work: one group of instances whose job starts and drains at
// once, one instance to a wave. What is left is ours, the old VM's end and the new one's boot included.
// As a program: repave-waves.ts [RUNS]
import { TestPlatform } from "../support/platform/index.ts";
import { median, report, seconds } from "./figure.ts";

const [runs = "3"] = process.argv.slice(2);
const instances = 4;

async function main(): Promise<void> {
  const platform = new TestPlatform("bench");
  const repave = (...selectors: string[]) => seconds(() => well("repave", ...selectors));
  async function well(...args: string[]): Promise<void> {
    const { code, text } = await platform.run(args);
    if (code !== 0) throw new Error(text);
  }
  try {
    platform.deploy([{ name: "api", instances }]);
    await well("up");
    const [all, one] = [[] as number[], [] as number[]];
    for (let n = 0; n < Number(runs); n++) {
      all.push(await repave());
      one.push(await repave("api/0"));
    }
    report({ name: "repave overhead per wave", value: (median(all) - median(one)) / (instances - 1), unit: "s", target: 3, note: `jobs that do nothing; VM end and boot included; medians of ${runs}` });
    report({ name: "repave of 1 instance, whole command", value: median(one), unit: "s", note: `median of ${runs}` });
    await well("down", "--yes");
  } finally {
    await platform.close();
  }
}

void main();
