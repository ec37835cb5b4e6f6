/** The versions of one operating system in a table by `<os>/<version>`, as adapters are given their stemcells. */
export function versionsIn(stemcells: Readonly<Record<string, unknown>>, os: string): string[] {
  return Object.keys(stemcells).flatMap((key) => (key.startsWith(`${os}/`) ? [key.slice(os.length + 1)] : []));
}
