import type { Deviation } from "../../templates/deviations.ts";

/** Ways in which `interpolate` differs from `bosh int`, on purpose. Its output never does, where BOSH's is the same on each run. */
export const interpolationDeviations: readonly Deviation[] = [
  {
    id: "error-places",
    director: "Texts of YAML errors often name the line before the one at fault; others name no place",
    here: "The line at fault, with file, column and source; missing variables are shown where they are referred to",
    reason: "a wrong line costs more than it helps",
  },
  {
    id: "hidden-values",
    director: "Values of variables stand in error texts (`Invalid type ... for value`, `Deserializing variables 'x=...'`)",
    here: "`<redacted>`, and no source lines of vars files and stores",
    reason: "they are credentials, and error texts end in logs",
  },
  {
    id: "type-names",
    director: "Error texts name types of its own language (`map[interface {}]interface {}`)",
    here: "map, list, string, integer, float, boolean, null",
    reason: "words that manifests are made of",
  },
  {
    id: "store-mode",
    director: "A new vars store can be read by everybody, and is written in place",
    here: "Mode 0600, also for a store that had another; the file is replaced as a whole",
    reason: "it holds every credential of a deployment, and a crash must not cut it short",
  },
  {
    id: "dotted-names",
    director: "`-v a=1 -v a.b=2` crashes or loses one of them at random; so do three levels like `a.b.c` and `a.b.d`",
    here: "The first is an error, the second keeps both",
    reason: "no answer may depend on chance",
  },
  {
    id: "key-order",
    director: "Some sets of keys with digits come out in an order that changes from run to run",
    here: "The same order each time",
    reason: "no answer may depend on chance",
  },
  {
    id: "text-after-the-end",
    director: "Bytes that are no UTF-8 are noticed only when the reader gets to them, which depends on the size of the file",
    here: "Refused anywhere in a file, also behind the first document",
    reason: "such a file is damaged",
  },
  {
    id: "nesting",
    director: "YAML may nest 10,000 deep",
    here: "1,000 deep",
    reason: "deeper documents are attacks on readers; none is known to be a manifest",
  },
];
