import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { RotationSimulator, type Definition } from "./simulator.ts";

const flat: Definition[] = [{ variable: "tls_ca", isCa: true }, { variable: "tls", ca: "tls_ca" }, { variable: "password", password: true }];
const nested: Definition[] = [{ variable: "root", isCa: true }, { variable: "issuing", isCa: true, ca: "root" }, { variable: "tls", ca: "issuing" }, { variable: "password", password: true }];

const accepting: Definition[] = flat.map((d) => (d.password ? { ...d, overlaps: true } : d));

interface Run {
  names?: string[];
  abort?: boolean;
  killAfter?: number;
}

interface Scenario {
  name: string;
  definitions: Definition[];
  runs: Run[];
}

const ca = { names: ["tls_ca"] };
const scenarios: Scenario[] = [
  { name: "a CA", definitions: flat, runs: [ca] },
  { name: "a CA and a password together", definitions: flat, runs: [{ names: ["tls_ca", "password"] }] },
  { name: "a password alone", definitions: flat, runs: [{ names: ["password"] }] },
  { name: "a password that is accepted in two versions", definitions: accepting, runs: [{ names: ["password"] }] },
  { name: "a password that is accepted in two versions, interrupted and aborted", definitions: accepting, runs: [{ names: ["password"], killAfter: 6 }, { abort: true }] },
  { name: "a leaf alone", definitions: flat, runs: [{ names: ["tls"] }] },
  { name: "a root takes the CA below it along", definitions: nested, runs: [{ names: ["root"] }] },
  { name: "a CA below a root alone", definitions: nested, runs: [{ names: ["issuing"] }] },
  { name: "twice in a row", definitions: flat, runs: [ca, ca] },
  { name: "interrupted in phase 1", definitions: flat, runs: [{ ...ca, killAfter: 4 }, ca] },
  { name: "interrupted in phase 2", definitions: flat, runs: [{ ...ca, killAfter: 10 }, ca] },
  { name: "interrupted in phase 3", definitions: flat, runs: [{ ...ca, killAfter: 15 }, ca] },
  { name: "interrupted while the end is written down", definitions: flat, runs: [{ ...ca, killAfter: 19 }, ca] },
  { name: "aborted in phase 1", definitions: flat, runs: [{ ...ca, killAfter: 4 }, { abort: true }] },
  { name: "aborted in phase 2", definitions: flat, runs: [{ ...ca, killAfter: 10 }, { abort: true }] },
  { name: "aborted in phase 2, with a password that waits for phase 3", definitions: flat, runs: [{ names: ["tls_ca", "password"], killAfter: 10 }, { abort: true }] },
  { name: "aborted too late", definitions: flat, runs: [{ ...ca, killAfter: 15 }, { abort: true }, ca] },
  { name: "the abort is interrupted and repeated", definitions: flat, runs: [{ ...ca, killAfter: 10 }, { abort: true, killAfter: 4 }, ca, { abort: true }] },
  { name: "aborted, then rotated after all", definitions: flat, runs: [{ ...ca, killAfter: 10 }, { abort: true }, ca] },
  { name: "another one while one is under way", definitions: flat, runs: [{ ...ca, killAfter: 10 }, { names: ["password"] }, {}] },
];

async function play({ definitions, runs }: Scenario): Promise<RotationSimulator> {
  const simulator = new RotationSimulator(definitions);
  await simulator.deploy();
  for (const { names = [], ...options } of runs) await simulator.rotate(names, options);
  return simulator;
}

for (const scenario of scenarios) {
  test(scenario.name, async () => {
    const simulator = await play(scenario);
    const text = `# ${scenario.name}\n${[...simulator.lines, "=", ...simulator.summary(), ...simulator.rendered].join("\n")}\n`;
    const file = path.join(__dirname, `${scenario.name.replaceAll(" ", "-").replaceAll(",", "")}.txt`);
    if (process.env["UPDATE_GOLDENS"] === "1") writeFileSync(file, text);
    assert.equal(text, readFileSync(file, "utf8"), `${file}; accept with UPDATE_GOLDENS=1`);
    assert.equal(simulator.config.rotation, undefined);
  });
}

/** Numbers of versions away: a killed run may have made some in vain. */
const shape = (s: RotationSimulator) => [...s.summary(), ...s.rendered].map((line) => line.replace(/#\d+/g, "#"));

for (const [name, definitions, what] of [["flat", flat, "tls_ca"], ["nested", nested, "root"], ["accepting", accepting, "tls_ca"]] as const) {
  test(`killed at every step, ${name}: the next run comes to the same end with trust all the way`, async () => {
    const calm = await play({ name, definitions, runs: [{ names: [what, "password"] }] });
    const before = new Set((await play({ name, definitions, runs: [] })).summary());
    for (let at = 0; at < calm.steps; at++) {
      const simulator = await play({ name, definitions, runs: [{ names: [what, "password"], killAfter: at }, { names: [what, "password"] }] });
      assert.deepEqual(shape(simulator), shape(calm), `killed after step ${at}`);
      for (const line of simulator.summary()) assert.ok(!before.has(line), `killed after step ${at}: ${line} is the old one`);
      assert.equal(new Set(simulator.rendered).size, 1);
    }
  });

  test(`killed at every step and aborted, ${name}: the old CAs are back, or it is said that there is no way back`, async () => {
    const old = await play({ name, definitions, runs: [] });
    const calm = await play({ name, definitions, runs: [{ names: [what] }] });
    for (let at = 1; at < calm.steps; at++) {
      const simulator = await play({ name, definitions, runs: [{ names: [what], killAfter: at }] });
      if (!simulator.config.rotation) continue;
      const late = simulator.config.rotation.phase === "drop";
      await simulator.rotate([], { abort: true });
      if (late) {
        assert.match(simulator.lines.at(-1)!, /error: The new version of .* is in use everywhere/);
        await simulator.rotate([]);
        assert.deepEqual(shape(simulator), shape(calm), `killed after step ${at}`);
        continue;
      }
      assert.equal(simulator.config.rotation, undefined);
      const cas = (s: RotationSimulator) => s.summary().filter((line) => !line.startsWith("tls:"));
      assert.deepEqual(cas(simulator), cas(old), `killed after step ${at}`);
      assert.deepEqual(shape(simulator), shape(old), `killed after step ${at}`);
    }
  });
}
