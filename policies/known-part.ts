/** A copy of a value without what a preview can't know yet. The SDK throws where such a value is read. */
export function knownPart(value: unknown): unknown {
  if (Array.isArray(value)) return [...value.keys()].map((i) => knownPart(readOr(() => value[i]))).filter((item) => item !== undefined);
  if (value === null || typeof value !== "object") return value;
  const map = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(map)
      .map((key) => [key, knownPart(readOr(() => map[key]))] as const)
      .filter(([, item]) => item !== undefined),
  );
}

function readOr(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && error.message.endsWith("can't be known during preview")) return undefined;
    throw error;
  }
}
