/** One listed static IP and the AZs it could be used in. A single AZ means it is decided. */
export interface StaticCandidate {
  readonly ip: string;
  readonly azs: readonly (string | null)[];
}

// Enough for any list people write; a hopeless list must still end in an error and not in an endless search.
const stepLimit = 200_000;

/**
 * Gives every static IP a single AZ so that all networks have the same number of IPs per AZ, the least-used AZ first.
 *
 * @returns the AZ per network and position, or undefined when no such choice exists
 */
export function distributeEvenly(networks: readonly (readonly StaticCandidate[])[]): (string | null)[][] | undefined {
  const flat = networks.flatMap((candidates, network) => candidates.map((candidate) => ({ candidate, network })));
  const starts = networks.map((_, network) => flat.findIndex((item) => item.network === network));
  const chosen: (string | null)[] = [];
  const used = new Map<string | null, number>();
  let steps = 0;

  const search = (at: number): boolean => {
    if (++steps > stepLimit) return false;
    if (at === flat.length) return sameCounts(networks.map((_, network) => countsOf(network)));
    const { candidate, network } = flat[at]!;
    if (network > 0 && starts[network] === at && !canFollow(countsOf(network - 1), networks[network]!)) return false;
    const order = candidate.azs.map((az) => ({ az, n: used.get(az) ?? 0 })).sort((a, b) => a.n - b.n);
    for (const { az } of order) {
      chosen[at] = az;
      used.set(az, (used.get(az) ?? 0) + 1);
      const quota = network > 0 ? countsOf(network - 1).get(az) ?? 0 : Infinity;
      if (countUpTo(network, at, az) <= quota && search(at + 1)) return true;
      used.set(az, used.get(az)! - 1);
    }
    return false;
  };

  const countUpTo = (network: number, at: number, az: string | null): number => {
    let count = 0;
    for (let i = starts[network]!; i <= at; i++) if (chosen[i] === az) count++;
    return count;
  };
  const countsOf = (network: number): Map<string | null, number> => {
    const counts = new Map<string | null, number>();
    for (const [i, item] of flat.entries()) {
      if (item.network === network) counts.set(chosen[i]!, (counts.get(chosen[i]!) ?? 0) + 1);
    }
    return counts;
  };

  if (!search(0)) return undefined;
  return networks.map((_, network) => flat.flatMap((item, i) => (item.network === network ? [chosen[i]!] : [])));
}

function canFollow(previous: ReadonlyMap<string | null, number>, candidates: readonly StaticCandidate[]): boolean {
  return [...previous].every(([az, needed]) => candidates.filter((candidate) => candidate.azs.includes(az)).length >= needed);
}

function sameCounts(all: readonly ReadonlyMap<string | null, number>[]): boolean {
  const texts = all.map((counts) => JSON.stringify([...counts].filter(([, n]) => n > 0).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))));
  return new Set(texts).size <= 1;
}
