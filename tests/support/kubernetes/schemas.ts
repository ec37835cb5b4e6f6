import { spawnSync } from "node:child_process";
import { findPython, type FoundPython } from "../python.ts";

const VERSION = "1.36.0";
const PROGRAM = `import json, sys, kubernetes_validate
found = []
for one in json.load(sys.stdin):
    for version in sys.argv[1:]:
        try:
            kubernetes_validate.validate(one, version, strict=True)
        except Exception as error:
            found.append("%s %s in %s: %s" % (one["kind"], one["metadata"]["name"], version, str(getattr(error, "message", error))[:300]))
print(json.dumps(found))`;

/** The Python that has Kubernetes' own schemas, by release. */
export function findSchemas(options: { install: boolean }): FoundPython {
  return findPython({ name: `kubernetes-validate-${VERSION}`, what: "kubernetes-validate, the schemas of Kubernetes", requirement: `kubernetes-validate==${VERSION}` }, options);
}

/** What the schemas of these releases do not allow, unknown fields included. */
export function schemaProblems(python: string, objects: readonly unknown[], releases: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(python, ["-c", PROGRAM, ...releases], { input: JSON.stringify(objects), encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}
