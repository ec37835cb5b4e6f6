import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { messageOf } from "../../director/core/errors.ts";
import { parseJson, writeJson } from "../../director/templates/json.ts";
import { readAsDirector } from "../../director/templates/psych.ts";
import { rubyRenderer } from "../../provider/templates/index.ts";
import { renderOne } from "../support/render-one.ts";

const renderer = rubyRenderer({ threads: 1 });
after(() => renderer.close());

// The Director's own reading: Ruby's YAML, then JSON as its database keeps it.
const oracle = `<% p('texts').each do |text| -%>
<%= begin
      JSON.generate([JSON.parse(JSON.generate(YAML.load(text, aliases: true)))])
    rescue Psych::SyntaxError, Psych::DisallowedClass, JSON::JSONError, Psych::BadAlias => e
      JSON.generate(e.class.name)
    end %>
<% end -%>`;

async function byRuby(texts: string[]): Promise<string[]> {
  return (await renderOne(renderer, oracle, { texts })).trimEnd().split("\n");
}

function byUs(text: string): string {
  try {
    return writeJson([readAsDirector(text, "text")]);
  } catch (error) {
    return `error: ${messageOf(error)}`;
  }
}

async function compare(texts: string[]): Promise<void> {
  for (const [i, ruby] of (await byRuby(texts)).entries()) {
    const ours = byUs(texts[i]!);
    if (ruby.startsWith('"')) assert.match(ours, /^error: /, `Ruby refuses ${JSON.stringify(texts[i])} (${ruby})`);
    else assert.equal(ours.startsWith("error") ? ours : writeJson(parseJson(ours)), writeJson(parseJson(ruby)), `reading ${JSON.stringify(texts[i])}`);
  }
}

const tokens = ["0", "1", "7", "8", "9", "1.5", ".", "-", "+", "_", ",", ":", "e", "E", "x", "b", "0x", "0b", "0o", "inf", "nan", "~", "yes", "No", "on", "OFF", "y", "n", "true", "null", "Null", "<<", "=", "2020-01-02", "12:30", "T", "Z", " ", "a", "é", "!", "'", "%", "@"];

test("plain scalars are read as Ruby reads them", async () => {
  const scalar = fc.array(fc.constantFrom(...tokens), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("").trim()).filter((text) => /^[^\s!&*'"%@`>|#,[\]{}?-]/.test(text) && !/: |:$| #/.test(text));
  const sample = fc.sample(scalar, { numRuns: 300, seed: 7 });
  for (let at = 0; at < sample.length; at += 100) await compare(sample.slice(at, at + 100).map((text) => `k: ${text}\n`));
});

test("whole documents are read as Ruby reads them", async () => {
  await compare([
    "a: {yes: 1, 5: five, 010: oct, ~: nul, 1.5: flt, 1e3: e, .5: half, 1.0e+20: big}",
    "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\ne: {c: 3, <<: *x}\nf: {<<: [*x, {b: 9}]}\ng: {'<<': 1}",
    "a: !!str 1\nb: !!float 1\nc: ! 2\nd: '1'\ne: \"\\u00e9\"\nf: |\n  1\n  2\ng: >-\n  a\n  b",
    "- :sym\n- :'quoted sym'\n- ':text'\n- !!binary aGVsbG8=",
    "a: 1\na: 2\nb: [1, 1.0, 0b11, 0x1F, 017, 1_000, 12345678901234567890, -0, 1:30, 1:30:45.5]",
    "",
    "---\n...\n",
    "a: 2020-01-02",
    "a: 2020-13-02",
    "a: 2020-01-02 10:00:00",
    "a: .inf",
    "a: [1, 2",
    "a: *nowhere",
    "a: &a [*a]",
    "text",
    "? a\n: b",
  ]);
});
