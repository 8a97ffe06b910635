import { DatabaseError, Pool, type QueryResult, type QueryResultRow } from "pg";
import type { Logger } from "../../common/log.ts";
import { Unavailable } from "./http/errors.ts";
import { succeedsWithin } from "./within.ts";

/** How long one statement may take, in milliseconds; a connection that is slower is thrown away. */
const STATEMENT_MS = 5000;
const PROBE_MS = 1500;
const CONNECT_MS = 1500;

/** SQLSTATE classes that say "the server isn't there now", not "the statement is wrong". */
const AWAY = /^(08|53|57P|28)/;

/** The SQL database: a small pool that finds its way back after the server was restarted. */
export class Database {
  private readonly pool: Pool;

  constructor(url: string, log: Logger) {
    this.pool = new Pool({
      connectionString: url,
      application_name: "backend",
      max: 10,
      connectionTimeoutMillis: CONNECT_MS,
      idleTimeoutMillis: 30_000,
      query_timeout: STATEMENT_MS,
      keepAlive: true,
    });
    // An idle connection that breaks raises this event; without a listener it would end the process.
    this.pool.on("error", (err) => log.warn({ err }, "database: connection lost"));
  }

  /** Runs one statement. @throws Unavailable when the server is away */
  async query<R extends QueryResultRow>(text: string, values: unknown[] = []): Promise<QueryResult<R>> {
    try {
      return await this.pool.query<R>(text, values);
    } catch (error) {
      throw isAway(error) ? new Unavailable("database", error) : error;
    }
  }

  /** Runs statements in one transaction. @throws Unavailable when the server is away */
  async transaction(statements: string[]): Promise<void> {
    await this.query(["BEGIN", ...statements, "COMMIT"].join(";\n"));
  }

  /** Whether a statement is answered now, known within 1.5 s (requirement A13). */
  async ping(): Promise<boolean> {
    // Its own limit in the driver too: a connection that hangs is thrown away, not given to the next caller.
    const query = { text: "SELECT 1", query_timeout: PROBE_MS };
    return succeedsWithin(PROBE_MS, this.pool.query(query));
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

/** An error that isn't from the server comes from the socket or the pool: there was no answer. */
function isAway(error: unknown): boolean {
  return !(error instanceof DatabaseError) || AWAY.test(error.code ?? "");
}
