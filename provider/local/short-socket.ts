import { closeSync, constants, openSync } from "node:fs";
import path from "node:path";

/**
 * A path to a unix socket that always fits the kernel's 107 bytes, however deep the state folder is: it goes through an
 * open file of the folder. Valid in this process until `close`.
 */
export function shortSocketPath(file: string): { path: string; close: () => void } {
  const folder = openSync(path.dirname(file), constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${folder}/${path.basename(file)}`, close: () => closeSync(folder) };
}
