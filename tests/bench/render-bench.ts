// Renders 1,000 templates with cold and with warm caches: node --import tsx tests/bench/render-bench.ts
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { rubyRenderer } from "../../provider/templates/index.ts";
import { instanceWith } from "../support/render-one.ts";
import { report } from "./figure.ts";

const instances = 100;
const perInstance = 10;
const lines = Array.from({ length: 40 }, (_, i) => `line ${i}: <%= p("a.b", ${i}) %> <% if_p("c") do |c| %><%= c.to_json %><% end %>`).join("\n");
const inputs = Array.from({ length: instances }, (_, i) => {
  const templates = Array.from({ length: perInstance }, (_, j) => ({ src: `${j}.erb`, dest: String(j), content: `${lines}\n# ${j}` }));
  return instanceWith(templates, { "a.b": null, c: { instance: i } });
});

async function timed(cacheDir: string): Promise<number> {
  const start = performance.now();
  const renderer = rubyRenderer({ cacheDir });
  await Promise.all(inputs.map((input) => renderer.configurationHashCached(input)));
  await renderer.close();
  return (performance.now() - start) / 1000;
}

async function main(): Promise<void> {
  const cacheDir = mkdtempSync(path.join(tmpdir(), "repave-bench-"));
  try {
    const cold = await timed(cacheDir);
    const cached = await timed(cacheDir);
    report({ name: "1,000 templates rendered, cold", value: cold, unit: "s", target: 10, note: `${Math.round(process.memoryUsage().rss / 1e6)} MB resident` });
    report({ name: "1,000 templates rendered, cached", value: cached, unit: "s", target: 0.5 });
  } finally {
    rmSync(cacheDir, { recursive: true, force: true });
  }
}

void main();
