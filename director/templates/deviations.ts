/** One way in which rendering differs from a Director's, on purpose. Documentation and the conformance runner read this list. */
export interface Deviation {
  id: string;
  /** What the Director does. */
  director: string;
  /** What happens here. */
  here: string;
  reason: string;
  /** Jobs of the conformance set where it shows. */
  jobs?: readonly string[];
}

const otherRuby = "templates run on Ruby 3.4; Directors ran on 3.1 to 3.3 for years and run on 4.0 now, which writes these as 3.4 does";

export const templateDeviations: readonly Deviation[] = [
  { id: "hash-inspect", director: "Older Directors print a hash with `inspect` as `{\"a\"=>1}`", here: "`{\"a\" => 1}`, `{sym: 1}`", reason: otherRuby, jobs: ["inspect"] },
  {
    id: "json-pretty-empty",
    director: "Older Directors write empty lists and maps inside `JSON.pretty_generate` over three lines",
    here: "`[]` and `{}`",
    reason: otherRuby,
    jobs: ["json-pretty-empty"],
  },
  {
    id: "ruby-error-texts",
    director: "Older Directors word Ruby's own errors differently (`undefined method `x' for nil:NilClass`, `(NAME)>' in back traces, bad URIs)",
    here: "Ruby 3.4's words; texts that BOSH or a template writes are the same",
    reason: otherRuby,
    jobs: ["messages", "name-errors", "net-and-uri"],
  },
  {
    id: "syntax-error-line",
    director: "The error for a template that is no Ruby says `line (unknown)`, and its excerpt is full of colour codes",
    here: "The line that Ruby's parser names, without colours",
    reason: "people look for the line first, and most errors end in files",
    jobs: ["syntax-error"],
  },
  { id: "float-parse", director: "Older Directors refuse `Float('1.')`", here: "1.0", reason: otherRuby, jobs: ["messages"] },
  {
    id: "deep-nesting",
    director: "Nesting is limited by Ruby's stack only",
    here: "`to_yaml` of data nested deeper than about 50, `JSON.generate` about 90, or 50 native blocks within each other end as an error of that template",
    reason: "this build of Ruby for WebAssembly saves its native stack in a buffer of fixed size",
    jobs: ["deep-structures"],
  },
  {
    id: "no-host",
    director: "A template can read the Director's files and environment, open connections and start processes",
    here: "None of these exist: each try is an error of the template",
    reason: "releases are other people's code; rendering must not reach the deployer's machine",
  },
  {
    id: "limits",
    director: "An endless loop or an allocation without bound hangs or ends the Director",
    here: "An error of that template after 10 s, at 512 MiB of memory or at 64 MiB of output",
    reason: "one bad template must not stop a deployment's other work",
  },
  { id: "exit-bang", director: "`exit!` ends the Director's worker", here: "An error of that template, with its line", reason: "as above" },
  {
    id: "definitions-per-instance",
    director: "Methods, constants and changed classes stay for every later template of the Director's process",
    here: "They stay for the later templates and jobs of the same instance only",
    reason: "equal inputs must give equal bytes, whatever was rendered before",
  },
  {
    id: "libraries",
    director: "Every gem of the Director can be required",
    here: "Ruby's standard library without sockets and threads, and ActiveSupport's `blank?`, `present?`, `presence`",
    reason: "nothing else is used by the releases that were examined",
  },
  {
    id: "properties-below-values",
    director: "A spec that declares both `a` and `a.b`, where `a` becomes text or a list, fails with Ruby's own error text",
    here: "The same failure, in words that name the two properties",
    reason: "Ruby's text (`string not matched`) names neither",
  },
  {
    id: "schema-references",
    director: "`$ref` in properties_schema.json may lead to other documents, which are fetched",
    here: "References inside the document only",
    reason: "rendering makes no connections",
  },
  {
    id: "schema-patterns",
    director: "`pattern` is a Ruby expression",
    here: "The same, except atomic groups and possessive quantifiers, which are an error; `idn-hostname` and `uri-template` are checked less strictly",
    reason: "the check runs without Ruby",
  },
];
