import { randomUUID } from "node:crypto";
import pg from "pg";
import { type Config } from "./config.ts";

export interface GuestbookEntry {
  author: string;
  text: string;
  /** ISO 8601. */
  at: string;
}

/** The guestbook's database cannot be used now; the rest of the service can. */
export class DatabaseOutage extends Error {}

const TABLE = `
  CREATE TABLE IF NOT EXISTS entries (
    id uuid PRIMARY KEY,
    author text NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
  )`;

/** Guestbook entries in PostgreSQL. Connections are made when needed, so an outage ends by itself. */
export class Guestbook {
  private readonly pool: pg.Pool;
  private prepared = false;

  constructor(config: Config["database"], log: (text: string) => void) {
    this.pool = new pg.Pool({
      host: config.host,
      port: config.port,
      database: config.name,
      user: config.user,
      password: config.password,
      // The database is addressed by IP; its certificate carries the service's name.
      ssl: { ca: config.ca, servername: config.serverName },
      max: 3,
      keepAlive: true,
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: 2_000,
      query_timeout: 5_000,
    });
    // An idle connection that breaks is replaced when it is needed.
    this.pool.on("error", (error) => log(`lost a database connection: ${error.message}`));
  }

  async latest(limit: number): Promise<GuestbookEntry[]> {
    const { rows } = await this.query<{ author: string; text: string; at: Date }>("SELECT author, text, at FROM entries ORDER BY at DESC, id LIMIT $1", [limit]);
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }

  async add(author: string, text: string): Promise<void> {
    // Our own id makes the retry of a statement whose answer was lost harmless.
    await this.query("INSERT INTO entries (id, author, text) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING", [randomUUID(), author, text]);
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  /** Tries twice: the first connection may be one the database's restart has broken. */
  private async query<Row extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<pg.QueryResult<Row>> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.prepare();
        return await this.pool.query<Row>(sql, values);
      } catch (error) {
        if (attempt === 2) throw new DatabaseOutage((error as Error).message || (error as { code?: string }).code || "unknown error", { cause: error });
      }
    }
  }

  private async prepare(): Promise<void> {
    if (this.prepared) return;
    const client = await this.pool.connect();
    try {
      // Instances start together, and IF NOT EXISTS alone does not keep two of them apart.
      await client.query(`BEGIN; SELECT pg_advisory_xact_lock(7205); ${TABLE}; COMMIT`);
      this.prepared = true;
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  }
}
