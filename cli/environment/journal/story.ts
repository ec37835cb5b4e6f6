import type { Selectable } from "../../../director/selectors.ts";
import { duration } from "../instance-table.ts";
import { instancesIn, subjectOf } from "./actions.ts";
import type { JournalLine, TaskJournal } from "./lines.ts";

const verbs: Readonly<Record<string, string>> = { create: "Creating", update: "Updating", delete: "Deleting", import: "Importing", run: "Running" };

/** Turns a journal's lines into the lines that BOSH's users know: `Task 42 | 11:54:47 | Updating instance cell/3: draining`. */
export class TaskStory {
  readonly #task: number;
  readonly #begun = new Map<string, string>();
  #instances = new Map<string, Selectable>();

  constructor(task: number) {
    this.#task = task;
  }

  /** `all`: the journal so far; a line may name an instance that only a later one describes. */
  tell(lines: readonly JournalLine[], all: readonly JournalLine[]): string[] {
    this.#instances = instancesIn(all);
    return lines.map((line) => `Task ${this.#task} | ${line.at.slice(11, 19)} | ${this.#text(line)}`);
  }

  #text(line: JournalLine): string {
    switch (line.kind) {
      case "start":
        return `${[line.command, ...line.args].join(" ")}, by ${line.user}@${line.computer}`;
      case "run":
        return `Engine: ${line.verb}`;
      case "end":
        return line.error === undefined ? `${line.result} (exit code ${line.exit})` : `${line.result} (exit code ${line.exit}): ${line.error.message}`;
      case "event": {
        const about = `${verbs[line.action] ?? line.action} ${subjectOf(line, this.#instances.get(line.instance?.id ?? ""))}`;
        const key = `${line.type} ${line.object} ${line.action}`;
        if (line.state === "started") this.#begun.set(key, line.at);
        if (line.state === "started" || line.state === "step") return line.text === undefined ? about : `${about}: ${line.text}`;
        const took = between(this.#begun.get(key), line.at);
        return line.state === "done" ? `${about}${took}` : `${about} failed${line.text === undefined ? "" : `: ${line.text}`}${took}`;
      }
    }
  }
}

/** What a task has come to, as a list shows it. */
export function resultOf({ state, end }: TaskJournal): string {
  if (end?.error) return end.error.message;
  if (end === undefined) return state === "interrupted" ? "it ended without a word" : "-";
  const changed = Object.entries(end.changes ?? {}).filter(([what, n]) => what !== "same" && n > 0);
  return changed.length === 0 ? "no changes" : changed.map(([what, n]) => `${n} ${what}`).join(", ");
}

/** ` (00:01:37)` */
function between(from: string | undefined, to: string): string {
  return from === undefined ? "" : ` (${duration(Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000))})`;
}
