/** What becomes of one thing of the old world. */
export interface Finding {
  outcome: Outcome;
  what: string;
  why: string;
}

/** `taken over`; `made new` by the first update; `left behind`; `to do` by a person before the first update. */
export type Outcome = "taken over" | "made new" | "left behind" | "to do";

export const outcomes: readonly Outcome[] = ["to do", "taken over", "made new", "left behind"];

/** The findings as a page that stays with the project. */
export function findingsPage(name: string, findings: readonly Finding[]): string {
  const sections = outcomes.flatMap((outcome) => {
    const own = findings.filter((finding) => finding.outcome === outcome);
    return own.length === 0 ? [] : [`## ${outcome[0]!.toUpperCase()}${outcome.slice(1)}`, "", ...own.map(({ what, why }) => `- **${what}**: ${why}`), ""];
  });
  return [`# What 'repave import' made of '${name}'`, "", ...sections].join("\n");
}

/** Names for a line: all of a few, else the first ones and how many more. */
export function named(names: readonly string[]): string {
  const most = 12;
  return names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}
