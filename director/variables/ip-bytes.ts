/** The bytes of an IP address (4 for IPv4 and for IPv4 inside IPv6); undefined for anything else, also with a zone. */
export function ipBytes(text: string): Uint8Array | undefined {
  const four = ipv4Bytes(text);
  if (four) return Uint8Array.from(four);
  if (!text.includes(":")) return undefined;
  const six = ipv6Bytes(text);
  if (!six) return undefined;
  const mapped = six.slice(0, 10).every((byte) => byte === 0) && six[10] === 0xff && six[11] === 0xff;
  return Uint8Array.from(mapped ? six.slice(12) : six);
}

function ipv4Bytes(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

function ipv6Bytes(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupBytes);
  if (!head || (halves.length === 2 && !tail)) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const missing = 16 - head.length - (tail as number[]).length;
  // "::" stands for at least one group; IPv4 may only end the address
  if (missing < 2 || (halves[0] as string).includes(".")) return undefined;
  return [...head, ...Array<number>(missing).fill(0), ...(tail as number[])];
}

function groupBytes(text: string): number[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [i, group] of groups.entries()) {
    const four = i === groups.length - 1 ? ipv4Bytes(group) : undefined;
    if (four) bytes.push(...four);
    else if (/^[0-9a-fA-F]{1,4}$/.test(group)) bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
    else return undefined;
  }
  return bytes;
}
