/** Answers a whole number below the limit. */
export type Random = (below: number) => number;

/** Random numbers from a seed, so that a round that failed can be run again by its number. */
export function seeded(seed: number): Random {
  let state = (Math.imul(seed, 2654435761) ^ 0x9e3779b9) >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random(list.length)] as T;
}

/** One to three changes to a text: pieces taken out, said again, put in, and single characters. */
export function mutatedText(text: string, random: Random, pieces: readonly string[]): string {
  let result = text;
  for (let left = 1 + random(3); left > 0; left--) {
    const at = random(result.length + 1);
    const length = random(30);
    const kind = random(5);
    if (kind === 0) result = result.slice(0, at) + result.slice(at + length);
    else if (kind === 1) result = result.slice(0, at) + result.slice(at, at + length).repeat(1 + random(4)) + result.slice(at);
    else if (kind === 2) result = result.slice(0, at) + String.fromCharCode(random(256)) + result.slice(at + 1);
    else result = result.slice(0, at) + pick(random, pieces) + result.slice(at);
  }
  return result;
}

type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };

const scalars: readonly Tree[] = [null, true, false, 0, -1, 1.5, 1e21, 2 ** 53, "", "x", "nil", "latest", "z9", "10.0.0.20", "10.0.0.0/8", "50%", "((a.b))", "a".repeat(300), "\0", "é", "__proto__", "constructor", [], {}, [[]], { name: "x" }, [{ name: "front" }]];

/** One to three changes to data: a part replaced, removed, renamed, doubled, or put in another's place. It stays data, so that what reads it gets further than with text. */
export function mutatedTree(tree: unknown, random: Random): unknown {
  const copy = structuredClone(tree) as Tree;
  const root = { root: copy };
  for (let left = 1 + random(3); left > 0; left--) {
    const places = placesIn(root);
    if (places.length === 0) break;
    const { parent, key } = pick(random, places);
    const other = pick(random, places);
    const kind = random(6);
    const bag = parent as Record<string, Tree>;
    if (kind === 0) bag[key] = structuredClone(pick(random, scalars));
    else if (kind === 1 && Array.isArray(parent)) parent.splice(Number(key), 1);
    else if (kind === 1) delete bag[key];
    else if (kind === 2 && Array.isArray(parent)) parent.push(structuredClone(bag[key] as Tree));
    else if (kind === 2) bag[`${key}${pick(random, ["", "_", "s", "?"])}`] = structuredClone(bag[key] as Tree);
    else if (kind === 3) bag[key] = structuredClone((other.parent as Record<string, Tree>)[other.key] ?? null);
    else if (kind === 4 && typeof bag[key] === "string") bag[key] = `${String(bag[key])}${pick(random, ["x", " ", "((x))", "%", "-", "/0"])}`;
    else bag[key] = structuredClone(pick(random, scalars));
  }
  return root.root ?? null;
}

function placesIn(tree: Tree): { parent: object; key: string }[] {
  if (typeof tree !== "object" || tree === null) return [];
  return Object.keys(tree).flatMap((key) => [{ parent: tree, key }, ...placesIn((tree as Record<string, Tree>)[key] as Tree)]);
}
