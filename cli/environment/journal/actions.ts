import type { Selectable } from "../../../director/selectors.ts";
import type { JournalLine, TaskEvent, TaskJournal } from "./lines.ts";

/** What a task did with one resource, from its beginning to its end. */
export interface TaskAction {
  task: number;
  at: string;
  /** ISO 8601; undefined while it goes on, or when nobody saw its end. */
  endedAt: string | undefined;
  state: "done" | "failed" | "open";
  action: string;
  type: string;
  object: string;
  instance: Selectable | undefined;
  /** Why it failed, or the step it was last seen in. */
  text: string | undefined;
}

/** Pairs the beginnings and ends in a journal, in the order of the beginnings. */
export function actionsOf({ start, lines }: TaskJournal): TaskAction[] {
  const instances = instancesIn(lines);
  const open = new Map<string, TaskAction>();
  const all: TaskAction[] = [];
  for (const line of lines) {
    if (line.kind !== "event") continue;
    const key = `${line.type} ${line.object} ${line.action}`;
    const known = open.get(key);
    if (line.state === "started" || known === undefined) {
      const action: TaskAction = { task: start.task, at: line.at, endedAt: undefined, state: "open", action: line.action, type: line.type, object: line.object, instance: instances.get(line.instance?.id ?? ""), text: line.text };
      all.push(action);
      open.set(key, action);
    } else if (line.state === "step") known.text = line.text;
    if (line.state !== "done" && line.state !== "failed") continue;
    const ended = open.get(key)!;
    open.delete(key);
    Object.assign(ended, { endedAt: line.at, state: line.state, text: line.state === "failed" ? line.text : undefined });
  }
  return all;
}

/** The instances a journal names, by id. A VM's event does not say the index: another one of the same instance may. */
export function instancesIn(lines: readonly JournalLine[]): Map<string, Selectable> {
  const found = new Map<string, Selectable>();
  for (const line of lines) {
    if (line.kind !== "event" || line.instance === undefined) continue;
    const { group, id, index, az } = line.instance;
    const known = found.get(id);
    found.set(id, { group, id, index: index ?? known?.index ?? UNKNOWN_INDEX, az: az ?? known?.az ?? null });
  }
  return found;
}

const UNKNOWN_INDEX = -1;

/** `api/0`, or with the id where nobody said the index. */
export function labelOf({ group, index, id }: Selectable): string {
  return `${group}/${index === UNKNOWN_INDEX ? id : index}`;
}

/** What an event is about: its instance where it has one, and the name of its resource otherwise. */
export function subjectOf({ type, object }: Pick<TaskEvent, "type" | "object">, instance: Selectable | undefined): string {
  const noun = type.replace(/^Local/, "").replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase().replace(/^vm$/, "VM");
  if (instance === undefined) return `${noun} ${object}`;
  return noun === "instance" ? `instance ${labelOf(instance)}` : `${noun} of ${labelOf(instance)}`;
}
