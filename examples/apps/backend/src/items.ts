import type { Database } from "./database.ts";

/** A row of the list. */
export interface Item {
  id: number;
  name: string;
  /** The release that wrote it. */
  release: string;
  createdAt: string;
}

/** Any number, the same in every replica: the replica that holds it creates the table, the others wait. */
const LOCK = 7_230_417;
const UNDEFINED_TABLE = "42P01";
const COLUMNS = `id, name, release, created_at AS "createdAt"`;

const CREATE = [
  `SELECT pg_advisory_xact_lock(${LOCK})`,
  `CREATE TABLE IF NOT EXISTS items (
     id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
     release text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now()
   )`,
];

/** Items in the SQL database; the table is made by the first who needs it. */
export class Items {
  constructor(private readonly database: Database) {}

  /** The newest items first. */
  async list(limit: number): Promise<Item[]> {
    const found = await this.run<Item>(`SELECT ${COLUMNS} FROM items ORDER BY id DESC LIMIT $1`, [limit]);
    return found.rows;
  }

  async add(name: string, release: string): Promise<Item> {
    const sql = `INSERT INTO items (name, release) VALUES ($1, $2) RETURNING ${COLUMNS}`;
    const { rows } = await this.run<Item>(sql, [name, release]);
    return rows[0] as Item;
  }

  /** @returns whether there was such an item */
  async remove(id: number): Promise<boolean> {
    const { rowCount } = await this.run("DELETE FROM items WHERE id = $1", [id]);
    return rowCount === 1;
  }

  /** Runs a statement; when the table isn't there (first start, an older backup restored), creates it and repeats. */
  private async run<R extends object>(sql: string, values: unknown[]) {
    try {
      return await this.database.query<R & Record<string, unknown>>(sql, values);
    } catch (error) {
      if ((error as { code?: string }).code !== UNDEFINED_TABLE) throw error;
      await this.database.transaction(CREATE);
      return this.database.query<R & Record<string, unknown>>(sql, values);
    }
  }
}
