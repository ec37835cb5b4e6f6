import { spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";

/** Names of secrets with their values. */
export type Secrets = Map<string, string>;

const SECRET_MARK = "4dabf18193072939515e22adb298388d";

/** Passwords and private keys in a stack exported with `--show-secrets`, by the resource that has them. */
export function secretsOfStack(exported: string): Secrets {
  const secrets: Secrets = new Map();
  const walk = (value: unknown, name: string, secret: boolean): void => {
    if (typeof value === "string") {
      // What stands beside a credential in a secret object, such as the certificate, may be known.
      if (secret && /(^|\.)(value|password|mbusPassword|private_key)$/.test(name)) secrets.set(name, value);
    } else if (value !== null && typeof value === "object") {
      const map = value as Record<string, unknown>;
      if (SECRET_MARK in map && typeof map["plaintext"] === "string") return walk(JSON.parse(map["plaintext"]), name, true);
      for (const [key, item] of Object.entries(map)) walk(item, `${name}.${key}`, secret);
    }
  };
  const { deployment } = JSON.parse(exported) as { deployment: { resources: { urn: string; outputs?: object }[] } };
  for (const { urn, outputs } of deployment.resources) walk(outputs, urn.split("::").slice(2).join(" "), false);
  return secrets;
}

/** Private keys in the files of a folder, by file. */
export function keysInFiles(folder: string): Secrets {
  const secrets: Secrets = new Map();
  for (const file of filesWith(folder, ["PRIVATE KEY-----"])) {
    const keys = readFileSync(file, "utf8").replaceAll("\\n", "\n").match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END/g) ?? [];
    keys.forEach((key, i) => secrets.set(`${file} key ${i}`, key));
  }
  return secrets;
}

/** How a value looks wherever it may turn up: of a PEM one whole line, which line ends and escapes leave alone. */
function looksOf(value: string): string[] {
  if (value.includes("-----BEGIN")) return value.trim().split(/\s*\n\s*/).slice(3, 4);
  return [value, Buffer.from(value).toString("base64").replace(/=+$/, ""), Buffer.from(value).toString("hex")];
}

/** Names of the secrets that a text contains. */
export function secretsIn(content: Buffer | string, secrets: Secrets): string[] {
  const found = [...secrets].filter(([, value]) => looksOf(value).some((look) => content.includes(look)));
  return found.map(([name]) => name);
}

export interface Finding {
  file: string;
  secrets: string[];
  /** Whether the file's own mode lets other users read it. */
  open: boolean;
}

/** The files below a folder that contain a secret, compressed ones unpacked. */
export function searchFiles(folder: string, secrets: Secrets): Finding[] {
  const plain = filesWith(folder, [...secrets.values()].flatMap(looksOf));
  return [...new Set([...plain, ...packedFiles(folder)])].flatMap((file) => searchFile(file, secrets));
}

function searchFile(file: string, secrets: Secrets): Finding[] {
  try {
    const content = readFileSync(file);
    const found = new Set([...secretsIn(content, secrets), ...secretsIn(unpacked(content), secrets)]);
    return found.size === 0 ? [] : [{ file, secrets: [...found], open: (statSync(file).mode & 0o004) !== 0 }];
  } catch {
    // Gone, or another user's.
    return [];
  }
}

/** The same for files written since a moment, but for those below one folder. */
export function searchRecentFiles(folder: string, since: number, except: string, secrets: Secrets): Finding[] {
  const written = spawnSync("find", [folder, "-path", except, "-prune", "-o", "-type", "f", "-newermt", `@${Math.floor(since / 1000)}`, "-size", "-64M", "-print0"], { encoding: "utf8", maxBuffer: 1 << 28 });
  return written.stdout.split("\0").filter(Boolean).flatMap((file) => searchFile(file, secrets));
}

function packedFiles(folder: string): string[] {
  const files = spawnSync("find", [folder, "-type", "f", "-size", "+0", "-print0"], { encoding: "utf8", maxBuffer: 1 << 28 }).stdout.split("\0").filter(Boolean);
  return files.filter((file) => {
    try {
      const opened = openSync(file, "r");
      const start = Buffer.alloc(2);
      readSync(opened, start, 0, 2, 0);
      closeSync(opened);
      return isPacked(start);
    } catch {
      return false;
    }
  });
}

const isPacked = (content: Buffer): boolean => content[0] === 0x1f && content[1] === 0x8b;

function unpacked(content: Buffer): Buffer {
  if (!isPacked(content)) return Buffer.alloc(0);
  try {
    return gunzipSync(content);
  } catch {
    return Buffer.alloc(0);
  }
}

/** The patterns go in by a pipe: the search itself must not put a secret into the process list. */
function filesWith(folder: string, patterns: readonly string[]): string[] {
  const found = spawnSync("grep", ["-rlas", "-Z", "-D", "skip", "-F", "-f", "-", folder], { input: patterns.join("\n"), encoding: "utf8", maxBuffer: 1 << 28, env: { ...process.env, LC_ALL: "C" } });
  return found.stdout.split("\0").filter(Boolean);
}

/** Keeps what the process list shows while it runs: arguments and environment of everything that this user may read. */
export class ProcessWatch {
  readonly #seen = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;

  constructor(everyMs = 150) {
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Processes that showed a secret, with its name. */
  find(secrets: Secrets): string[] {
    return [...this.#seen].flatMap(([text, label]) => secretsIn(text, secrets).map((name) => `${label}: ${name}`));
  }

  #look(): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      for (const what of ["cmdline", "environ"]) {
        try {
          const text = readFileSync(path.join("/proc", pid, what), "latin1");
          if (!this.#seen.has(text)) this.#seen.set(text, `${what} of ${pid} ${text.slice(0, 80).replaceAll("\0", " ")}`);
        } catch {
          // Gone, or another user's.
        }
      }
    }
  }
}

/** Processes that have a text in their arguments or their environment. */
export function processesWith(text: string): string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      try {
        const shown = ["cmdline", "environ"].map((what) => readFileSync(path.join("/proc", pid, what), "latin1"));
        return shown.some((s) => s.includes(text)) ? [`${pid} ${shown[0]!.replaceAll("\0", " ")}`] : [];
      } catch {
        return [];
      }
    });
}
