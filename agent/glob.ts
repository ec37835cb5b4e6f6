/** A file name pattern as log filters use it: `**`, `*`, `?`, `[...]`, `{a,b}`. */
export function globToRegExp(pattern: string): RegExp {
  let source = "";
  let braces = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at]!;
    if (pattern.startsWith("**/", at)) {
      source += "(?:[^/]+/)*";
      at += 2;
    } else if (pattern.startsWith("**", at)) {
      source += ".*";
      at += 1;
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[" && pattern.includes("]", at + 2)) {
      const end = pattern.indexOf("]", at + 2);
      source += `[${pattern.slice(at + 1, end).replace(/^!/, "^").replaceAll("\\", "\\\\")}]`;
      at = end;
    } else if (char === "{") {
      source += "(?:";
      braces += 1;
    } else if (char === "}" && braces > 0) {
      source += ")";
      braces -= 1;
    } else if (char === "," && braces > 0) source += "|";
    else source += char.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  }
  return new RegExp(`^${source}${")".repeat(braces)}$`);
}
