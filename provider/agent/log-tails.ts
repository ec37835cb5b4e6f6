import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";

const MAX_LINES = 20;
const MAX_BYTES_PER_FILE = 64 * 1024;
const MAX_LINE_LENGTH = 500;

/** The last lines of every file of a logs tarball, by path. Empty files are left out. */
export async function tailsOf(tgz: Buffer): Promise<Record<string, string[]>> {
  const tails: Record<string, string[]> = {};
  const unpack = extract();
  unpack.on("entry", (header, stream, next) => {
    let kept = Buffer.alloc(0);
    stream.on("data", (chunk) => {
      kept = Buffer.concat([kept, chunk as Buffer]).subarray(-MAX_BYTES_PER_FILE);
    });
    stream.on("end", () => {
      const lines = kept.toString("utf8").trimEnd().split("\n").slice(-MAX_LINES);
      if (header.type === "file" && kept.length > 0) tails[header.name.replace(/^\.\//, "")] = lines.map((line) => line.slice(0, MAX_LINE_LENGTH));
      next();
    });
    stream.on("error", next);
  });
  await pipeline(Readable.from([tgz]), createGunzip(), unpack);
  return tails;
}

export function formatTails(tails: Record<string, string[]>): string {
  return Object.entries(tails)
    .map(([file, lines]) => `--- ${file}\n${lines.join("\n")}`)
    .join("\n");
}
