import { type IncomingMessage } from "node:http";

export class BadRequest extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const LIMIT = 16 * 1024;

/** A new entry, from an HTML form or as JSON. */
export async function readEntry(request: IncomingMessage): Promise<{ author: string; text: string }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT) throw new BadRequest(413, "The entry is too long.");
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString("utf8");
  const fields = isJson(request) ? jsonFields(body) : Object.fromEntries(new URLSearchParams(body));
  return { author: field(fields, "author", 80), text: field(fields, "text", 2000) };
}

export function isJson(request: IncomingMessage): boolean {
  return /^application\/json\b/i.test(request.headers["content-type"] ?? "");
}

function jsonFields(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new BadRequest(400, "The body is not a JSON object.");
}

function field(fields: Record<string, unknown>, name: string, limit: number): string {
  const value = fields[name];
  const text = typeof value === "string" ? value.trim() : "";
  // PostgreSQL's text cannot hold NUL.
  if (text === "" || text.length > limit || text.includes("\0")) throw new BadRequest(400, `'${name}' needs 1 to ${limit} characters.`);
  return text;
}
