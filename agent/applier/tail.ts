import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** The last `bytes` of a file, from a line's start when it was cut. */
export function readTail(file: string, bytes: number): { text: string; cut: boolean } {
  const fd = openSync(file, "r");
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(0, size - bytes);
    const buffer = Buffer.alloc(size - from);
    readSync(fd, buffer, 0, buffer.length, from);
    const text = buffer.toString("utf8");
    return from > 0 ? { text: text.slice(text.indexOf("\n") + 1), cut: true } : { text, cut: false };
  } finally {
    closeSync(fd);
  }
}
