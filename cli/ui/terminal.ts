import type { Ui } from "./ui.ts";

export interface TerminalOptions {
  json: boolean;
  noColor: boolean;
  env: NodeJS.ProcessEnv;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/** The human and JSON faces of the command line over two streams. */
export function terminalUi(options: TerminalOptions): Ui {
  const { json, stdout, stderr } = options;
  const tty = Boolean(stdout.isTTY);
  const color = tty && !options.noColor && options.env["NO_COLOR"] === undefined;
  const data = (value: unknown) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  return {
    json,
    tty,
    color,
    out: (text) => void stdout.write(text),
    info: (line) => void stderr.write(`${line}\n`),
    warn: (line) => void stderr.write(`warning: ${line}\n`),
    table(columns, rows) {
      if (json) return data(rows.map((row) => Object.fromEntries(columns.map((c, i) => [c, row[i] ?? ""]))));
      const widths = columns.map((c, i) => Math.max(c.length, ...rows.map((r) => (r[i] ?? "").length)));
      const line = (cells: readonly string[]) => cells.map((c, i) => c.padEnd(widths[i] ?? 0)).join("  ").trimEnd();
      stdout.write(`${line(columns)}\n${rows.map((r) => `${line(r)}\n`).join("")}`);
    },
    data: (value) => {
      if (json) data(value);
    },
  };
}
