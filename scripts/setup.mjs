// Makes a clean checkout ready: every step is named, timed, and skipped when it is done already.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fail, step } from "./steps.mjs";

const root = path.resolve(import.meta.dirname, "..");
const OLDEST_NODE = 20;
const debianPackages = { ip: "iproute2", unshare: "util-linux", nsenter: "util-linux", mount: "mount", tar: "tar", unzip: "unzip", pip3: "python3-pip" };

process.stderr.write("Setting up repave\n");
try {
  await step("Node", {
    run() {
      if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) fail(`Node ${process.versions.node} is too old`, `install Node ${OLDEST_NODE} or newer`);
      return process.versions.node;
    },
  });

  const lock = createHash("sha256").update(readFileSync(path.join(root, "package-lock.json"))).digest("hex");
  const installed = path.join(root, "node_modules", ".repave-lock");
  await step("npm dependencies", {
    done: () => existsSync(installed) && readFileSync(installed, "utf8") === lock && "as in the lockfile",
    run() {
      const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2] });
      if (npm.status !== 0) fail("npm ci failed", "see the lines above; the npm registry must be reachable");
      writeFileSync(installed, lock);
    },
  });

  await step("system tools", {
    done: () => missingTools().length === 0 && "all there",
    run() {
      const wanted = [...new Set(missingTools().map((tool) => debianPackages[tool]))];
      const command = `apt-get update && apt-get install -y --no-install-recommends ${wanted.join(" ")}`;
      if (process.getuid() !== 0) fail(`missing: ${missingTools().join(", ")}`, `sudo sh -c '${command}'`);
      const apt = spawnSync("sh", ["-c", command], { stdio: ["ignore", 2, 2], env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
      if (apt.status !== 0) fail(`apt-get could not install ${wanted.join(", ")}`, command);
      return `installed ${wanted.join(", ")}`;
    },
  });

  const { build, isBuilt } = await import("./build.mjs");
  await step("compile", { done: () => isBuilt() && "up to date", run: build });

  const { findEngine, getEngine } = await import("./engine.mjs");
  await step("Pulumi engine", {
    done() {
      const found = findEngine();
      return found && `${found.version}, ${found.origin}`;
    },
    run: () => getEngine(),
  });
} catch (error) {
  fail(error.message, error.next);
}

function missingTools() {
  const places = `${process.env.PATH}:/usr/sbin:/sbin`.split(":");
  return Object.keys(debianPackages).filter((tool) => !places.some((place) => existsSync(path.join(place, tool))));
}
