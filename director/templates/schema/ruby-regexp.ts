import { RepaveError } from "../../core/errors.ts";

const posix: Record<string, string> = {
  alpha: "\\p{L}\\p{M}",
  digit: "\\p{Nd}",
  alnum: "\\p{L}\\p{M}\\p{Nd}",
  upper: "\\p{Lu}",
  lower: "\\p{Ll}",
  space: "\\s",
  xdigit: "0-9A-Fa-f",
  punct: "\\p{P}\\p{S}",
};

const translations: [RegExp, (found: string, group: string) => string][] = [
  [/\[:(\w+):\]/gy, (found, name) => posix[name] ?? found],
  [/\\A/gy, () => "(?<![\\s\\S])"],
  [/\\z/gy, () => "(?![\\s\\S])"],
  [/\\Z/gy, () => "(?=\\n?(?![\\s\\S]))"],
  [/\\h/gy, () => "[0-9A-Fa-f]"],
  [/\\(.)/gsy, (found, c) => (/[\w^$\\.*+?()[\]{}|/-]/.test(c) ? found : c)],
];

/**
 * Ruby's regular expression as JavaScript's: `^` and `$` at every line, `\A`, `\z`, `\h`, POSIX brackets.
 * Throws `render.properties-schema` for what JavaScript cannot express (atomic groups, possessive quantifiers).
 */
export function rubyRegexp(pattern: string): RegExp {
  let translated = "";
  for (let at = 0; at < pattern.length; ) {
    const hit = translations.map(([form, into]) => ({ found: sticky(form, pattern, at), into })).find(({ found }) => found);
    translated += hit ? hit.into(hit.found![0], hit.found![1] ?? "") : pattern[at];
    at += hit ? hit.found![0].length : 1;
  }
  try {
    return new RegExp(translated, "mu");
  } catch (error) {
    throw new RepaveError("render.properties-schema", `Pattern '${pattern}' of a properties schema cannot be checked`, { cause: error });
  }
}

function sticky(form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at;
  return form.exec(text);
}
