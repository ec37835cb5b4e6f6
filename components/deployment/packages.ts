import * as pulumi from "@pulumi/pulumi";
import { RepaveError } from "../../director/core/errors.ts";
import { PackageGraph } from "../../director/release/graph.ts";
import { CompiledPackage } from "../../provider/resources/compiled-package.ts";
import type { PackageFacts, ReleaseFacts } from "../../provider/resources/release-query.ts";

export interface PackageRef {
  name: string;
  version: string;
  blob: pulumi.Output<string>;
  digest: pulumi.Output<string>;
}

export interface PackageOptions {
  /** Whose compilation VMs compile; undefined: only what releases bring compiled can be had. */
  environment: string | undefined;
  stemcell: { os: string; version: string };
  compilers: number;
  parent: pulumi.Resource;
  dependsOn: pulumi.Resource[];
}

/** The compiled packages of a deployment: one resource for each package of a release and stemcell, made when first asked for. */
export class Packages {
  readonly #made = new Map<string, CompiledPackage>();

  /** What a job needs at run time: its own packages, compiled, without those they were compiled with. */
  of(release: ReleaseFacts, names: readonly string[], options: PackageOptions): PackageRef[] {
    const graph = new PackageGraph(release.packages.map((p) => ({ ...p, version: p.fingerprint })));
    for (const p of graph.withDependencies(names)) this.#make(release, p, graph, options);
    return names.map((name) => {
      const made = this.#made.get(keyOf(release, name, options))!;
      return { name, version: graph.get(name).fingerprint, blob: made.blob, digest: made.digest };
    });
  }

  #make(release: ReleaseFacts, wanted: PackageFacts, graph: PackageGraph<PackageFacts & { version: string }>, options: PackageOptions): void {
    const key = keyOf(release, wanted.name, options);
    if (this.#made.has(key)) return;
    if (wanted.stemcell !== undefined && !fits(wanted.stemcell, options.stemcell)) {
      const { os, version } = options.stemcell;
      throw new RepaveError("release.compiled", `Release '${release.name}' is compiled for stemcell '${wanted.stemcell}', but runs on '${os}/${version}'`, {
        hint: `use the source release, or export one for '${os}/${version}' (repave release export)`,
      });
    }
    if (wanted.stemcell === undefined && options.environment === undefined) {
      throw new RepaveError("release.not-compiled", `Package '${wanted.name}' of release '${release.name}' is source, and this IaaS compiles nothing`, { hint: "use a compiled release: repave release export" });
    }
    const dependencies = wanted.dependencies.map((name) => {
      const made = this.#made.get(keyOf(release, name, options))!;
      return { name, fingerprint: graph.get(name).fingerprint, blob: made.blob, digest: made.digest };
    });
    const made = new CompiledPackage(
      key,
      {
        environment: options.environment ?? "none",
        release: release.name,
        package: wanted.name,
        fingerprint: wanted.fingerprint,
        stemcell: options.stemcell,
        dependencies,
        dependencyKey: graph.dependencyKey(wanted.name),
        location: release.location,
        compilers: options.compilers,
        comesCompiled: wanted.stemcell !== undefined,
      },
      { parent: options.parent, dependsOn: options.dependsOn },
    );
    this.#made.set(key, made);
  }
}

/** A compiled release survives minor updates of its stemcell: same system, same first part of the version. */
function fits(compiledFor: string, { os, version }: PackageOptions["stemcell"]): boolean {
  const [system = "", made = ""] = compiledFor.split("/");
  const line = (v: string) => v.split(/[._]/)[0];
  return system === os && line(made) === line(version);
}

function keyOf(release: ReleaseFacts, name: string, { stemcell }: PackageOptions): string {
  return `${release.name}.${name}.${stemcell.os}-${stemcell.version}`;
}
