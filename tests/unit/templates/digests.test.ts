import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { configurationHash, templateHashes, type RenderedJob } from "../../../director/templates/digests.ts";
import { deploymentError, instanceError, jobError, templateError } from "../../../director/templates/errors.ts";

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");
const bytes = (text: string) => Buffer.from(text);
const jobs: RenderedJob[] = [
  { name: "b", monit: bytes("MB"), files: [{ src: "z", dest: "dz", content: bytes("Z") }, { src: "a", dest: "da", content: bytes("A") }] },
  { name: "a", monit: bytes("MA"), files: [{ src: ".bosh/links.json", dest: ".bosh/links.json", content: bytes("[]\n") }] },
];

test("configuration_hash goes over jobs by name and files by source, with names and destinations", () => {
  assert.equal(configurationHash(jobs), sha1("MAa[]\n.bosh/links.json" + "MBb" + "Ada" + "Zdz"));
});

test("template_hashes go over contents only, jobs in their given order", () => {
  assert.deepEqual(Object.entries(templateHashes(jobs)), [["b", sha1("MBAZ")], ["a", sha1("MA[]\n")]]);
});

test("errors nest two blanks a level, as operators know them", () => {
  const app = jobError("app", [templateError("cfg.erb", 3, `Can't find property '["x"]'`), templateError("two.erb", null, "first\nsecond\n")]);
  assert.equal(
    deploymentError([instanceError("web", [app, templateError("monit", 1, "no pid")])]),
    [
      "Unable to render instance groups for deployment. Errors are:",
      "  - Unable to render jobs for instance group 'web'. Errors are:",
      "    - Unable to render templates for job 'app'. Errors are:",
      `      - Error filling in template 'cfg.erb' (line 3: Can't find property '["x"]')`,
      "      - Error filling in template 'two.erb' (line (unknown): first",
      "      second",
      "      )",
      "    Error filling in template 'monit' (line 1: no pid)",
    ].join("\n"),
  );
});
