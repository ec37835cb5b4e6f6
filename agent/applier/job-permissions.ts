import { chmodSync, readdirSync } from "node:fs";
import path from "node:path";
import { giveToVcap } from "../files.ts";

/** Folders 0750, files 0640, everything below `bin/` 0750, all root:vcap. */
export function fixJobPermissions(dir: string): void {
  setMode(dir, 0o750);
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const inBin = path.relative(dir, file).split(path.sep)[0] === "bin";
    setMode(file, entry.isDirectory() || inBin ? 0o750 : 0o640);
  }
}

function setMode(file: string, mode: number): void {
  chmodSync(file, mode);
  giveToVcap(file);
}
