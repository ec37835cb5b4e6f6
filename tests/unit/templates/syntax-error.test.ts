import assert from "node:assert/strict";
import { after, test } from "node:test";
import { syntaxError } from "../../../director/templates/errors.ts";
import { rubyRenderer } from "../../../provider/templates/index.ts";
import { instanceWith } from "../../support/render-one.ts";

const renderer = rubyRenderer({ threads: 1 });
after(() => renderer.close());

test("a template that is no Ruby fails with its file and line, and without colour codes", async () => {
  const input = instanceWith([{ src: "config/bad.erb", dest: "bad", content: "one\n<% if true %>\nnever closed\n" }]);
  await assert.rejects(renderer.renderInstance(input), (error: Error) => {
    assert.match(error.message, /template 'config\/bad\.erb' \(line 4: \S+\/config\/bad\.erb:4: syntax error/);
    assert.doesNotMatch(error.message, /\u001b|unknown/);
    return true;
  });
});

test("texts that only look like it stay as they are", () => {
  for (const [line, message] of [["3", "job/a.erb:4: syntax error"], ["(unknown)", "job/b.erb:4: syntax error"], ["(unknown)", "job/a.erb:4: \u001b[1mwrong"]] as const) {
    assert.equal(syntaxError("job/a.erb", line, message), undefined);
  }
});
