import { gzipSync } from "node:zlib";

/** One raw tar entry; whatever is given is written, however wrong. */
export interface RawEntry {
  name: string;
  content?: string | Uint8Array;
  /** Type flag of the header: "0" file, "1" hard link, "2" symlink, "3" and "4" devices, "5" folder, "6" fifo. */
  type?: string;
  target?: string;
  mode?: number;
  /** Size the header claims, when it is not that of the content. */
  size?: number;
}

/** A tar archive made by hand, so that tests can write what no tar program would. */
export function rawTar(entries: readonly RawEntry[], end = true): Buffer {
  return Buffer.concat([...entries.flatMap(entry), ...(end ? [Buffer.alloc(1024)] : [])]);
}

export function rawTgz(entries: readonly RawEntry[]): Buffer {
  return gzipSync(rawTar(entries));
}

function entry({ name, content = "", type = "0", target = "", mode = 0o644, size }: RawEntry): Buffer[] {
  const body = Buffer.from(content as string);
  const long = Buffer.byteLength(name) > 99 ? entry({ name: "././@LongLink", type: "L", content: `${name}\0` }) : [];
  const header = Buffer.alloc(512);
  header.write(name.slice(0, 99), 0);
  header.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
  header.write("0000000\0".repeat(2), 108);
  header.write(`${(size ?? body.length).toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write(type, 156);
  header.write(target, 157);
  header.write("ustar\0" + "00", 257);
  header.fill(" ", 148, 156);
  const sum = header.reduce((a, b) => a + b, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return [...long, header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
}
