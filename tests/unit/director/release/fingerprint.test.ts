import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256Digest } from "../../../../director/release/digest.ts";
import { compareBytes, fingerprint, fingerprintMode, type FingerprintFile } from "../../../../director/release/fingerprint.ts";

const file = (path: string, content: string, mode: FingerprintFile["mode"] = "100644"): FingerprintFile => ({ path, digest: sha256Digest(content), mode });

// Values the CLI itself gave for these contents.
test("a package's fingerprint is that of the CLI", () => {
  assert.equal(fingerprint([file("packaging", "set -e\ntar xf lib/l.tgz\n", ""), file("lib/l.tgz", "BLOB")]), "1e94afbce81b8f4f9e5b5870ac4eefad1948e7ceaf9b435846d2eef08c09de6e");
  const app = [
    file("packaging", "set -e\n", ""),
    file("app/main.go", "main\n"),
    file("app/run.sh", "#!/bin/sh\n", "100755"),
    file("app/link", "main.go", "symlink"),
    file("app/sub/.hidden", "x"),
  ];
  assert.equal(fingerprint(app, ["ven", "lib"]), "18cf287b40ba11630ec6be1dfb5bd8418c57210331aa1e01357a0d9e17773050");
  assert.equal(fingerprint([...app].reverse(), ["lib", "ven"]), fingerprint(app, ["ven", "lib"]), "neither order counts");
});

test("a licence's and a job's fingerprints are those of the CLI", () => {
  assert.equal(fingerprint([file("LICENSE", "Apache\n", "")]), "238c9ea935267d8cb7095e8f111d4a4f54d8e1898493322edd056e1af0ce76a2");
  const spec = "---\nname: web\ntemplates:\n  bin/ctl.erb: bin/ctl\n  cfg.yml: config/cfg.yml\npackages: [app]\nproperties:\n  port: {default: 80}\n";
  const job = [file("job.MF", spec), file("monit", "check process web\n"), file("templates/bin/ctl.erb", "#!/bin/bash\n", "100755"), file("templates/cfg.yml", 'a: <%= p("port") %>\n')];
  assert.equal(fingerprint(job), "98d15c1bffb06afab6df15ed38820d4e0f770931afd34104d29bfe6003487066");
});

test("names sort by bytes and any execute bit counts", () => {
  assert.deepEqual(["é", "a", "Z", "a/b", "a-b"].sort(compareBytes), ["Z", "a", "a-b", "a/b", "é"]);
  assert.deepEqual([0o644, 0o640, 0o654, 0o700, 0o001].map(fingerprintMode), ["100644", "100644", "100755", "100755", "100755"]);
});
