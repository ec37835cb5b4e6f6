import type { Readable } from "node:stream";

/** Passes a stream on by whole lines, each with a name in front: several of them stay readable on one screen. */
export async function withLabel(label: string, stream: Readable, out: (text: string) => void): Promise<void> {
  let rest = "";
  stream.setEncoding("utf8");
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) out(`${label} | ${line}\n`);
  }
  if (rest !== "") out(`${label} | ${rest}\n`);
}
