import { RepaveError } from "../core/errors.ts";
import { compareBytes } from "./fingerprint.ts";

/** What the graph needs of a package. */
export interface PackageLike {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
}

const deepest = 500;
const largestKey = 100_000;

/** The packages of one release by name, with their dependencies known to be there and free of cycles. */
export class PackageGraph<P extends PackageLike> {
  private readonly byName: ReadonlyMap<string, P>;

  /** @throws RepaveError `release.dependencies` for a dependency that is absent (80016) or a cycle, naming its packages. */
  constructor(packages: readonly P[]) {
    this.byName = new Map(packages.map((p) => [p.name, p]));
    const problem = dependencyProblem(packages);
    if (problem) throw new RepaveError("release.dependencies", problem);
  }

  get(name: string): P {
    const found = this.byName.get(name);
    if (!found) throw new RepaveError("release.dependencies", `Package '${name}' is not in the release`, { details: { known: [...this.byName.keys()] } });
    return found;
  }

  /** The named packages and all they need to compile, dependencies first. Equal dependencies come in byte order of names. */
  withDependencies(names: Iterable<string>): P[] {
    const ordered = new Map<string, P>();
    const add = (name: string): void => {
      if (ordered.has(name)) return;
      const found = this.get(name);
      for (const d of [...found.dependencies].sort(compareBytes)) add(d);
      ordered.set(name, found);
    };
    for (const name of names) add(name);
    return [...ordered.values()];
  }

  /**
   * The named packages and all they need, in the order several compilers should take them up: the head of the longest chain of packages
   * that wait for each other first; among equals by name. A package never comes before its dependencies.
   */
  compileOrder(names: Iterable<string>): P[] {
    const wanted = this.withDependencies(names);
    const waiting = new Map<string, number>();
    // Seen from the end, every dependent of a package is done before the package itself.
    for (const p of [...wanted].reverse()) {
      const own = waiting.get(p.name) ?? 0;
      waiting.set(p.name, own);
      for (const d of p.dependencies) waiting.set(d, Math.max(waiting.get(d) ?? 0, own + 1));
    }
    return [...wanted].sort((a, b) => (waiting.get(b.name) ?? 0) - (waiting.get(a.name) ?? 0) || compareBytes(a.name, b.name));
  }

  /**
   * The Director's dependency key of a package: its direct dependencies by name as `[name, version]`, or `[name, version, [...]]` where these have
   * dependencies of their own, as JSON. `[]` without dependencies. Two compiled packages are the same only if their keys are.
   */
  dependencyKey(name: string): string {
    const sizes = new Map<string, number>();
    const size = (p: P): number => {
      const known = sizes.get(p.name) ?? 1 + p.dependencies.reduce((sum, d) => sum + size(this.get(d)), 0);
      sizes.set(p.name, known);
      return known;
    };
    if (size(this.get(name)) > largestKey) throw new RepaveError("release.dependencies", `Package '${name}' has too many ways through its dependencies`);
    return JSON.stringify(this.keyOf(this.get(name)));
  }

  private keyOf(p: P): unknown[] {
    return [...new Set(p.dependencies)].sort(compareBytes).map((d) => {
      const found = this.get(d);
      return found.dependencies.length === 0 ? [found.name, found.version] : [found.name, found.version, this.keyOf(found)];
    });
  }
}

/** What is wrong with the packages' dependencies, or undefined. */
export function dependencyProblem(packages: readonly PackageLike[]): string | undefined {
  const byName = new Map(packages.map((p) => [p.name, p]));
  for (const p of packages) for (const d of p.dependencies) if (!byName.has(d)) return `Package '${p.name}' depends on package '${d}', which is not in the release`;
  const done = new Set<string>();
  const find = (p: PackageLike, trail: readonly string[]): string | undefined => {
    if (done.has(p.name)) return undefined;
    const at = trail.indexOf(p.name);
    if (trail.length > deepest) return `Packages depend on each other more than ${deepest} deep, at '${p.name}'`;
    if (at >= 0) return `Packages depend on each other in a circle: ${[...trail.slice(at), p.name].join(" -> ")}`;
    for (const d of p.dependencies) {
      const problem = find(byName.get(d) as PackageLike, [...trail, p.name]);
      if (problem) return problem;
    }
    done.add(p.name);
    return undefined;
  };
  for (const p of packages) {
    const problem = find(p, []);
    if (problem) return problem;
  }
  return undefined;
}
