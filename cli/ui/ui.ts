/** Where everything a command says goes: results to stdout, talk to stderr. */
export interface Ui {
  readonly json: boolean;
  readonly tty: boolean;
  readonly color: boolean;
  /** Result bytes or text for stdout, written as they are. */
  out(text: string | Uint8Array): void;
  /** One line of talk on stderr. */
  info(line: string): void;
  warn(line: string): void;
  /** A result as a table, or as JSON with the same columns under `--json`. */
  table(columns: readonly string[], rows: readonly (readonly string[])[]): void;
  /** A result object, only under `--json`. */
  data(value: unknown): void;
}
