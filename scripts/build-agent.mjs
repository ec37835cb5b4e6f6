// Bundles the embedded agent into one CommonJS file. As a program: build-agent.mjs [OUTFILE]
import path from "node:path";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");

export async function buildAgent(outfile = path.join(root, "dist", "agent", "agent.cjs")) {
  await build({
    entryPoints: [path.join(root, "agent", "main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    minify: true,
    keepNames: true,
    legalComments: "none",
    logLevel: "warning",
  });
  return outfile;
}

if (process.argv[1] === import.meta.filename) console.log(await buildAgent(process.argv[2]));
