import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { RepaveError } from "../../director/core/errors.ts";
import { rubyRenderer } from "../../provider/templates/index.ts";
import { instanceWith, renderOne } from "../support/render-one.ts";

const runs = Number(process.env["REPAVE_FUZZ_RUNS"] ?? 60);
const renderer = rubyRenderer({ threads: 2, timeLimit: 20_000 });
const another = rubyRenderer({ threads: 1 });
after(() => Promise.all([renderer.close(), another.close()]));

const snippets = [
  "plain text\n",
  "<%= p('v').to_json %>\n",
  "<%- if_p('v') do |v| -%>\n<%= v.to_yaml %>\n<%- end.else do -%>none\n<% end %>",
  "<% def shout(x) = x.to_s.upcase -%><%= shout(p('v')) %>",
  "<%= JSON.pretty_generate([p('v')]) %>\r\n",
  "<%= properties.v.inspect.gsub(/0x\\h+/, '') %><%% %>",
  "<% (@seen ||= []) << 1 -%><%= @seen.size %> <%= spec.id %> <%= raw_properties.hash == raw_properties.hash %>",
  "<%= [3, 1, 2].sort.map { |n| n * p('n', 2) }.join(',') rescue 'none' %>",
];
const template = fc.array(fc.constantFrom(...snippets), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(fc.string({ unit: "grapheme" }), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 4 }), tie("tree"), { maxKeys: 3 }),
  ),
}));

test("equal inputs give equal bytes, whatever was rendered before and wherever", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(template, { minLength: 1, maxLength: 3 }), tree, async (templates, v) => {
      const input = instanceWith(templates.map((content, i) => ({ src: `${i}.erb`, dest: String(i), content })), v === null ? {} : { v }, "monit");
      const render = (by: typeof renderer) => by.renderInstance(input).then((done) => JSON.stringify(done), (error: RepaveError) => error.message);
      const [one, two] = await Promise.all([render(renderer), render(another)]);
      assert.equal(one, two);
      assert.equal(await render(renderer), one);
    }),
    { numRuns: runs },
  );
});

test("a value comes out of JSON as it went in", async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (v) => {
      const text = await renderOne(renderer, "<%= JSON.generate([p('v', nil)], max_nesting: 0) %>", { v });
      assert.deepEqual(sorted(JSON.parse(text)), sorted([v ?? null]));
    }),
    { numRuns: runs },
  );
});

test("mutated templates end in files or in a clear error, and the renderer goes on", async () => {
  const bytes = snippets.map((snippet) => [...Buffer.from(snippet)]);
  const mutation = fc.record({ at: fc.nat(), remove: fc.nat(6), insert: fc.uint8Array({ maxLength: 4 }), tag: fc.constantFrom("", "<%", "%>", "-%>", "<%=", "end", "\0", "do |x|", "__END__", "BEGIN {", "#{", "rescue") });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...bytes), { minLength: 1, maxLength: 4 }), fc.array(mutation, { minLength: 1, maxLength: 4 }), async (parts, mutations) => {
      const content = parts.flat();
      for (const { at, remove, insert, tag } of mutations) content.splice(at % (content.length + 1), remove, ...insert, ...Buffer.from(tag));
      try {
        await renderer.renderInstance(instanceWith([{ src: "m.erb", dest: "m", content: Buffer.from(content) }], { v: { a: [1, "x"] } }));
      } catch (error) {
        assert.ok(error instanceof RepaveError, String(error));
        assert.match(error.message, /'m\.erb'/);
      }
    }),
    { numRuns: runs },
  );
  assert.equal(await renderOne(renderer, "<%= 1 + 1 %>"), "2");
});

/** Binding sorts the keys of hashes. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return Object.is(value, -0) ? 0 : value;
  return Object.fromEntries(Object.entries(value).map(([key, item]): [string, unknown] => [key, sorted(item)]).sort(([a], [b]) => (a < b ? -1 : 1)));
}
