/** What is used of a `check process` entry of a monit file. Times are seconds. */
export interface ServiceSpec {
  name: string;
  pidfile: string;
  start: ProgramSpec | undefined;
  stop: ProgramSpec | undefined;
  groups: string[];
  dependsOn: string[];
  /** `mode manual`: never started again by itself. */
  manual: boolean;
}

export interface ProgramSpec {
  command: string[];
  /** User name or number. */
  uid: string | undefined;
  gid: string | undefined;
  timeoutSeconds: number;
}

const DEFAULT_TIMEOUT = 30;

/** Parses the subset of monit's language that BOSH releases need to run; other statements go to `ignored`, line by line. */
export function parseMonitFile(text: string, ignored: (statement: string) => void): ServiceSpec[] {
  const tokens = tokenize(text);
  const services: ServiceSpec[] = [];
  let current: ServiceSpec | undefined;
  let at = 0;
  const word = (offset = 0) => tokens[at + offset]?.text.toLowerCase();
  const take = () => tokens[at++]?.text ?? "";
  const skipNoise = () => {
    while (word() === "=" || word() === "is" || word() === "as" || word() === "program") at += 1;
  };

  while (at < tokens.length) {
    if (word() === "check") {
      if (word(1) === "process") {
        at += 2;
        current = { name: take(), pidfile: "", start: undefined, stop: undefined, groups: [], dependsOn: [], manual: false };
        services.push(current);
        if (word() === "with") at += 1;
      } else {
        current = undefined;
        ignored(takeLine());
      }
    } else if (current === undefined) {
      ignored(takeLine());
    } else if (word() === "pidfile" || (word() === "with" && word(1) === "pidfile")) {
      at += word() === "with" ? 2 : 1;
      current.pidfile = take();
    } else if (word() === "start" || word() === "stop") {
      const kind = take().toLowerCase() as "start" | "stop";
      skipNoise();
      current[kind] = parseProgram();
    } else if (word() === "group") {
      at += 1;
      current.groups.push(take());
    } else if ((word() === "depends" || word() === "depend") && (word(1) === "on" || word(1) !== undefined)) {
      at += word(1) === "on" ? 2 : 1;
      do current.dependsOn.push(take());
      while (word() === "," && (at += 1));
    } else if (word() === "mode") {
      at += 1;
      current.manual = take().toLowerCase() === "manual";
    } else {
      ignored(takeLine());
    }
  }
  return services.filter((service) => {
    if (service.pidfile === "") ignored(`check process ${service.name}: has no pidfile`);
    return service.pidfile !== "";
  });

  function parseProgram(): ProgramSpec {
    const program: ProgramSpec = { command: splitCommand(take()), uid: undefined, gid: undefined, timeoutSeconds: DEFAULT_TIMEOUT };
    for (;;) {
      if ((word() === "as" || word() === "and") && (word(1) === "uid" || word(1) === "gid")) at += 1;
      if (word() === "uid") program.uid = (at += 1, take());
      else if (word() === "gid") program.gid = (at += 1, take());
      else if (word() === "using" && word(1) === "the") at += 2;
      else if ((word() === "with" && word(1) === "timeout") || word() === "timeout") {
        at += word() === "with" ? 2 : 1;
        program.timeoutSeconds = Number(take()) || DEFAULT_TIMEOUT;
        if (/^(cycle|cycles|second|seconds|s)$/.test(word() ?? "")) at += 1;
      } else return program;
    }
  }

  function takeLine(): string {
    const { line } = tokens[at]!;
    const words: string[] = [];
    while (tokens[at]?.line === line) words.push(take());
    return words.join(" ");
  }
}

interface Token {
  text: string;
  line: number;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /#[^\n]*|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|,|=|[^\s,="']+|\n/g;
  let line = 1;
  for (const match of text.matchAll(pattern)) {
    const [whole, double, single] = match;
    if (whole === "\n") line += 1;
    else if (!whole.startsWith("#")) tokens.push({ text: double?.replaceAll('\\"', '"') ?? single ?? whole, line });
    if (whole !== "\n") line += whole.split("\n").length - 1;
  }
  return tokens;
}

/** Splits a program line into words; quotes keep spaces together. */
export function splitCommand(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|((?:[^\s"'\\])+)|(\s+)/g)]
    .reduce<{ words: string[]; open: boolean }>(
      ({ words, open }, [, double, single, escaped, plain, space]) => {
        if (space !== undefined) return { words, open: false };
        const part = double?.replace(/\\(["\\])/g, "$1") ?? single ?? escaped ?? plain ?? "";
        if (!open) words.push("");
        words[words.length - 1] += part;
        return { words, open: true };
      },
      { words: [], open: false },
    ).words;
}
