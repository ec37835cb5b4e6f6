import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dependencyProblem, PackageGraph } from "../../../../director/release/graph.ts";

const pkg = (name: string, ...dependencies: string[]) => ({ name, version: `${name}1`, dependencies });

test("a dependency key names what went into a package, all the way down", () => {
  const graph = new PackageGraph([pkg("c", "b", "a"), pkg("b", "a"), pkg("a")]);
  assert.equal(graph.dependencyKey("a"), "[]");
  assert.equal(graph.dependencyKey("b"), '[["a","a1"]]');
  assert.equal(graph.dependencyKey("c"), '[["a","a1"],["b","b1",[["a","a1"]]]]');
});

test("packages that others wait longest for are compiled first", () => {
  const graph = new PackageGraph([pkg("z"), pkg("top", "mid", "z"), pkg("mid", "low"), pkg("low"), pkg("alone")]);
  assert.deepEqual(graph.compileOrder(["top", "alone"]).map((p) => p.name), ["low", "mid", "z", "alone", "top"]);
  assert.deepEqual(graph.withDependencies(["mid"]).map((p) => p.name), ["low", "mid"]);
});

test("absent dependencies and circles are named", () => {
  assert.match(dependencyProblem([pkg("a", "nope")]) ?? "", /'a' depends on package 'nope'/);
  assert.match(dependencyProblem([pkg("x", "a"), pkg("a", "b"), pkg("b", "c"), pkg("c", "a")]) ?? "", /a -> b -> c -> a/);
  assert.match(dependencyProblem([pkg("a", "a")]) ?? "", /a -> a/);
  assert.throws(() => new PackageGraph([pkg("a", "a")]), { code: "release.dependencies" });
});

test("a key that would fill the memory is refused", () => {
  const layers = Array.from({ length: 40 }, (_, i) => (i === 0 ? [pkg("p0")] : [pkg(`p${i}`, `p${i - 1}`, `q${i}`), pkg(`q${i}`, `p${i - 1}`)])).flat();
  assert.throws(() => new PackageGraph(layers).dependencyKey("p39"), { code: "release.dependencies" });
});

test("dependencies always come first, each package once", () => {
  const acyclic = fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { minLength: 1, maxLength: 30 }).map((lists) => lists.map((deps, i) => pkg(`p${i}`, ...new Set(deps.filter((d) => d < i).map((d) => `p${d}`)))));
  fc.assert(
    fc.property(acyclic, (packages) => {
      const graph = new PackageGraph(packages);
      for (const order of [graph.compileOrder(packages.map((p) => p.name)), graph.withDependencies(packages.map((p) => p.name))]) {
        const at = new Map(order.map((p, i) => [p.name, i]));
        assert.equal(at.size, packages.length);
        for (const p of packages) for (const d of p.dependencies) assert.ok((at.get(d) as number) < (at.get(p.name) as number));
      }
    }),
  );
});
