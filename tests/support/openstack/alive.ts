/** The fewest servers of a name that were there at any time, from `begin NAME` and `end NAME` in order. */
export function fewestAlive(events: readonly string[], prefix: string, atFirst: number): number {
  let alive = atFirst;
  let fewest = atFirst;
  for (const event of events) {
    const [what, name = ""] = event.split(" ");
    if (!name.startsWith(prefix)) continue;
    alive += what === "begin" ? 1 : -1;
    fewest = Math.min(fewest, alive);
  }
  return fewest;
}
