const secretName = /pass|secret|token|credential|private|key$/i;

/** Deep equality of plain JSON; the order of keys does not matter. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** The keys whose values differ, sorted. */
export function changedKeys(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !same(a[key], b[key])).sort();
}

/** `instance_type m5.large → m5.xlarge`; values that are not plain or could be secret are left out. */
export function changedValues(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string {
  return shortList(changedKeys(a, b).map((key) => {
    if (secretName.test(key) || !isPlain(a[key]) || !isPlain(b[key])) return key;
    return `${key} ${show(a[key])} → ${show(b[key])}`;
  }));
}

/** The first three, then how many more. */
export function shortList(items: readonly string[], most = 3): string {
  const rest = items.length - most;
  return rest > 0 ? `${items.slice(0, most).join(", ")} and ${rest} more` : items.join(", ");
}

/** What came, went and changed between two tables of versions, one phrase each. */
export function changedVersions(
  a: Readonly<Record<string, { version: string; digest: string }>>,
  b: Readonly<Record<string, { version: string; digest: string }>>,
): string[] {
  return changedKeys(a, b).map((name) => {
    const before = a[name];
    const after = b[name];
    if (!before) return `${name} ${after!.version} added`;
    if (!after) return `${name} removed`;
    return before.version === after.version ? `${name} ${after.version} rebuilt` : `${name} ${before.version} → ${after.version}`;
  });
}

function isPlain(value: unknown): boolean {
  return value === undefined || value === null || ["string", "number", "boolean"].includes(typeof value);
}

function show(value: unknown): string {
  return value === undefined || value === null ? "none" : String(value);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    item !== null && typeof item === "object" && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0)))
      : item,
  ) ?? "undefined";
}
