import { canonical } from "../../../provider/resource-kind.ts";
import { featuresOf, type StoredDeployment, type StoredOperation, type StoredResource } from "./deployment.ts";
import { kinds, type Entry } from "./entry.ts";
import { withoutAliases, withoutDangling } from "./references.ts";

export interface Replayed {
  deployment: StoredDeployment;
  features: string[];
}

/**
 * The state after the entries, in their order: what the engine would have written itself. Resources that this run has been through come
 * first, in the order they were finished; those it has not reached keep their order behind them. What had begun and not ended is pending.
 */
export function replay(base: StoredDeployment, entries: readonly Entry[]): Replayed {
  let run = new Run(base);
  for (const entry of entries) {
    if (entry.kind === kinds.rebuiltBaseState) run = new Run(run.result().deployment, run.byteStrings);
    else run.add(entry);
  }
  return run.result();
}

class Run {
  #base: StoredDeployment;
  byteStrings: boolean;
  /** In the order they were finished; undefined for what has gone again. */
  readonly #made: (StoredResource | undefined)[] = [];
  readonly #placeOf = new Map<number, number>();
  readonly #begun = new Map<number, StoredOperation | undefined>();
  readonly #gone = new Set<number>();
  readonly #changed = new Map<number, StoredResource>();
  readonly #marked = new Map<number, Partial<StoredResource>>();
  #extensions: Record<string, unknown> = {};
  #refreshed = false;

  constructor(base: StoredDeployment, byteStrings = false) {
    this.#base = base;
    this.byteStrings = byteStrings;
  }

  add(entry: Entry): void {
    this.byteStrings ||= entry.requiresByteString === true;
    switch (entry.kind) {
      case kinds.begin:
        this.#begun.set(entry.operationID, entry.operation);
        break;
      case kinds.failure:
        this.#begun.delete(entry.operationID);
        break;
      case kinds.success:
        this.#succeed(entry);
        break;
      case kinds.refreshSuccess:
        this.#begun.delete(entry.operationID);
        this.#refreshed = true;
        this.#put(entry);
        break;
      case kinds.outputs:
        if (entry.state) this.#put(entry);
        break;
      case kinds.write:
        this.#base = entry.newSnapshot ?? {};
        break;
      case kinds.secretsManager:
        if (canonical(this.#base.secrets_providers) !== canonical(entry.secretsProvider)) this.#base = { ...this.#base, secrets_providers: entry.secretsProvider! };
        break;
      case kinds.snippets:
        this.#base = { ...this.#base, snippets: entry.snippets ?? [] };
        break;
      case kinds.extension:
        if (entry.extensionRef) this.#extensions[entry.extensionRef] = entry.extension;
        break;
    }
  }

  #succeed(entry: Entry): void {
    this.#begun.delete(entry.operationID);
    this.#refreshed ||= entry.isRefresh === true;
    if (entry.state) this.#placeOf.set(entry.operationID, this.#made.push(entry.state) - 1);
    if (isIndex(entry.removeOld)) this.#gone.add(entry.removeOld);
    if (isIndex(entry.removeNew)) this.#changeMade(entry.removeNew, () => undefined);
    this.#mark(entry.deleteOld, entry.deleteNew, { delete: true });
    this.#mark(entry.pendingReplacementOld, entry.pendingReplacementNew, { pendingReplacement: true });
  }

  /** Puts the entry's resource, or nothing, in the place of the one it names. */
  #put({ removeOld, removeNew, state }: Entry): void {
    if (isIndex(removeOld)) {
      if (state) this.#changed.set(removeOld, state);
      else this.#gone.add(removeOld);
    }
    if (isIndex(removeNew)) this.#changeMade(removeNew, () => state);
  }

  #mark(old: number | null | undefined, made: number | null | undefined, mark: Partial<StoredResource>): void {
    if (isIndex(old)) this.#marked.set(old, { ...this.#marked.get(old), ...mark });
    if (isIndex(made)) this.#changeMade(made, (resource) => ({ ...resource, ...mark }));
  }

  #changeMade(operation: number, change: (resource: StoredResource) => StoredResource | undefined): void {
    const place = this.#placeOf.get(operation);
    const resource = place === undefined ? undefined : this.#made[place];
    if (place !== undefined && resource) this.#made[place] = change(resource);
  }

  result(): Replayed {
    const kept = (this.#base.resources ?? []).flatMap((resource, i) => (this.#gone.has(i) ? [] : [this.#asKept(resource, i)]));
    const all = [...this.#made.filter((resource) => resource !== undefined), ...kept];
    const begun = [...this.#begun.values()].filter((operation) => operation !== undefined);
    // A creation that an earlier run was cut off in stays until somebody has looked at it.
    const earlier = (this.#base.pending_operations ?? []).filter((operation) => operation.type === "creating");
    const extensions = { ...this.#extensions, ...this.#base.extensions };
    const { extensions: _, ...rest } = this.#base;
    const deployment = withoutAliases({
      ...rest,
      resources: this.#refreshed ? withoutDangling(all) : all,
      pending_operations: [...begun, ...earlier],
      ...(Object.keys(extensions).length > 0 ? { extensions } : {}),
    });
    return { deployment, features: [...featuresOf(deployment), ...(this.byteStrings ? ["byteString"] : [])].sort() };
  }

  #asKept(resource: StoredResource, i: number): StoredResource {
    const { delete: deleted, pendingReplacement } = this.#marked.get(i) ?? {};
    const changed = this.#changed.get(i);
    if (changed) return changed;
    return { ...resource, ...(deleted ? { delete: true } : {}), ...(pendingReplacement ? { pendingReplacement: true } : {}) };
  }
}

function isIndex(value: number | null | undefined): value is number {
  return value !== undefined && value !== null;
}
