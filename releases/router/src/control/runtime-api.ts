import net from "node:net";

/** What the proxy says of one upstream. */
export interface ServerState {
  pool: string;
  name: string;
  host: string;
  port: number;
  /** Held for ineligible after a failed connection. */
  down: boolean;
  /** Taken out by us; it ends what it has and gets nothing new. */
  maintenance: boolean;
}

/** HAProxy's runtime API over its UNIX socket: one connection per exchange, as the protocol ends an answer by closing it. */
export class RuntimeApi {
  private readonly socket: string;

  constructor(socket: string) {
    this.socket = socket;
  }

  /** Sends one line (commands parted by `;`), with a payload if one belongs to it, and answers the text. */
  async ask(command: string, payload?: readonly string[]): Promise<string> {
    const sent = payload ? `${command} <<\n${payload.join("\n")}\n\n` : `${command}\n`;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const connection = net.connect(this.socket, () => connection.write(sent));
      connection.setTimeout(5000, () => connection.destroy(new Error("the proxy's runtime API does not answer")));
      connection.on("data", (chunk) => chunks.push(chunk));
      connection.on("error", reject);
      connection.on("close", () => resolve(Buffer.concat(chunks).toString("utf8").trim()));
    });
  }

  async servers(): Promise<ServerState[]> {
    return readServerStates(await this.ask("show servers state"));
  }

  /** Replaces a whole map at once: requests see the old lines or the new ones, never a mixture. */
  async replaceMap(file: string, lines: ReadonlyMap<string, string>): Promise<void> {
    const created = /New version created: (\d+)/.exec(await this.ask(`prepare map ${file}`));
    if (!created) throw new Error(`the proxy does not know the map ${file}`);
    const all = [...lines].map(([key, value]) => `${key} ${value}`);
    // A payload must fit the proxy's buffer.
    for (const batch of batches(all, 12_000)) expectSilence(await this.ask(`add map @${created[1]} ${file}`, batch));
    expectSilence(await this.ask(`commit map @${created[1]} ${file}`));
  }

  async mapLines(file: string): Promise<Map<string, string>> {
    const lines = (await this.ask(`show map ${file}`)).split("\n").filter((l) => l !== "");
    return new Map(lines.map((l) => [l.split(" ")[1] ?? "", l.split(" ").slice(2).join(" ")]));
  }
}

/** The runtime API has no status codes: commands that change something say nothing when they succeed. */
export function expectSilence(answer: string): void {
  if (answer !== "") throw new Error(`the proxy refused: ${answer}`);
}

export function readServerStates(text: string): ServerState[] {
  const [, header = "", ...lines] = text.split("\n");
  const columns = header.replace(/^# /, "").split(" ");
  const column = (cells: string[], name: string): string => cells[columns.indexOf(name)] ?? "";
  return lines
    .filter((line) => line.includes(" "))
    .map((line) => {
      const cells = line.split(" ");
      const maintenance = (Number(column(cells, "srv_admin_state")) & 1) === 1;
      return {
        pool: column(cells, "be_name"),
        name: column(cells, "srv_name"),
        host: column(cells, "srv_addr"),
        port: Number(column(cells, "srv_port")),
        down: !maintenance && column(cells, "srv_op_state") === "0",
        maintenance,
      };
    });
}

function batches(lines: readonly string[], bytes: number): string[][] {
  const out: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    if (size + line.length + 1 > bytes) {
      out.push([]);
      size = 0;
    }
    out[out.length - 1]?.push(line);
    size += line.length + 1;
  }
  return out;
}
