/** A password as the state has it. */
export interface HeldPassword {
  generation: number;
  value: string;
  /** Where there are two, by generation. */
  versions?: Record<string, string> | undefined;
}

/**
 * Brings a password to the versions wanted: makes what is missing and drops what is no longer wanted. Done again it makes nothing.
 *
 * @param anew the options ask for another value
 */
export async function bringPasswords(
  wanted: { generation: number; alongside?: number | undefined },
  held: HeldPassword | undefined,
  anew: boolean,
  make: () => Promise<string>,
): Promise<{ value: string; versions?: Record<string, string> | undefined }> {
  const known = held ? (held.versions ?? { [held.generation]: held.value }) : {};
  const value = (anew ? undefined : known[wanted.generation]) ?? (await make());
  if (wanted.alongside === undefined) return { value, versions: undefined };
  return { value, versions: { [wanted.generation]: value, [wanted.alongside]: known[wanted.alongside] ?? (await make()) } };
}
