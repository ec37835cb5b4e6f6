import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { localEnvironment } from "../../stacks/local/environment.ts";
import { manifestDeployment } from "../../stacks/local/manifest.ts";
import { typedDeployment } from "../../stacks/local/typed.ts";
import { ReleaseShelf } from "../../provider/release-shelf.ts";
import type { Environment } from "../../components/environment.ts";
import { recordProgram, type RecordedRun } from "../support/recorded-program.ts";

const shelf = new ReleaseShelf(undefined as never);

function run(deployment: (environment: Environment) => { instances: unknown; urls: unknown }): Promise<RecordedRun> {
  return recordProgram(
    () => {
      const { instances, urls } = deployment(localEnvironment());
      return { instances, urls };
    },
    { release: (request) => shelf.facts({ ...request, url: path.resolve(request.url) }) },
  );
}

test("the typed and the manifest face of 'local' register the same resources with the same inputs, parents and edges", async () => {
  const [typed, manifest] = [await run(typedDeployment), await run(manifestDeployment)];
  const shown = ({ registrations, errors }: RecordedRun) => ({
    errors,
    resources: registrations.map((r) => [r.type, r.name, r.parent, r.dependsOn, r.sent]).sort((a, b) => (String(a[0]) + String(a[1]) < String(b[0]) + String(b[1]) ? -1 : 1)),
  });
  assert.deepEqual(shown(typed), shown(manifest));
  assert.deepEqual(typed.errors, []);
  assert.equal(typed.of("Instance").length, 8);
});
