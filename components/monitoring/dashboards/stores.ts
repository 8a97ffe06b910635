import { POSTGRES, REDIS } from "../../../config/metrics.ts";
import { dashboard } from "./common.ts";
import {
  line,
  query,
  rising,
  falling,
  stat,
  YES,
  type Dashboard,
  type Panel,
  type Watched,
} from "./panel.ts";

/** Sessions of the database (M25, M29). */
export const connections = (): Panel =>
  line("db-connections", {
    title: "Database connections",
    description: "Sessions by database, and how many Postgres allows.",
    unit: "count",
    queries: [
      query(`sum by (datname) (${POSTGRES.backends}) > 0`, "{{datname}}"),
      query(`max(${POSTGRES.maxConnections})`, "allowed"),
    ],
  });

/** Tuples fetched by queries (M28). */
export const tuplesFetched = (): Panel =>
  line("db-tuples-fetched", {
    title: "Database rows fetched",
    description: "Rows a second that queries fetched through an index, by database.",
    unit: "rate",
    queries: [
      query(`sum by (datname) (rate(${POSTGRES.fetched}{datname!~"template.*"}[5m]))`, "{{datname}}"),
    ],
    width: 12,
  });

/** Memory of Redis (M25). */
export const redisMemory = (): Panel =>
  line("redis-memory", {
    title: "Redis memory",
    description: "Bytes in use, and the limit from which on keys are evicted.",
    unit: "bytes",
    queries: [query(REDIS.memory, "in use"), query(`${REDIS.maxMemory} > 0`, "limit")],
  });

const DATABASES = '{datname!~"template.*"}';
const perSecond = (name: string): string => `sum(rate(${name}${DATABASES}[5m]))`;

const databaseNow: Panel[] = [
  stat("db-up", {
    title: "Postgres answers",
    description: "Whether the exporter reaches it.",
    unit: "count",
    queries: [query(`max(${POSTGRES.up})`, "up")],
    thresholds: YES,
  }),
  stat("db-connections-share", {
    title: "Connections in use",
    description: "Share of those that Postgres allows.",
    unit: "share",
    queries: [query(`sum(${POSTGRES.backends}) / max(${POSTGRES.maxConnections})`, "in use")],
    thresholds: rising(0.6, 0.8),
  }),
  stat("db-size", {
    title: "Size",
    description: "Of all databases together.",
    unit: "bytes",
    queries: [query(`sum(${POSTGRES.size})`, "size")],
  }),
  stat("db-hits", {
    title: "Read from memory",
    description:
      "Share of the blocks that Postgres had in its own memory, over an hour. Low: shared_buffers is small.",
    unit: "share",
    queries: [
      query(
        `sum(rate(${POSTGRES.blocksHit}[1h])) / (sum(rate(${POSTGRES.blocksHit}[1h])) + sum(rate(${POSTGRES.blocksRead}[1h])) > 0)`,
        "from memory",
      ),
    ],
    thresholds: falling(0.8, 0.95),
  }),
];

const databaseWork: Panel[] = [
  connections(),
  line("db-activity", {
    title: "Sessions by state",
    description: "Many `idle in transaction`: an application forgets to end its transactions.",
    unit: "count",
    queries: [query(`sum by (state) (${POSTGRES.activity}) > 0`, "{{state}}")],
  }),
  line("db-transactions", {
    title: "Transactions",
    description: "A second: kept, and taken back.",
    unit: "rate",
    queries: [
      query(perSecond(POSTGRES.commits), "commits"),
      query(perSecond(POSTGRES.rollbacks), "rollbacks"),
    ],
  }),
  tuplesFetched(),
  line("db-rows", {
    title: "Database rows changed",
    description: "A second.",
    unit: "rate",
    queries: [
      query(perSecond(POSTGRES.inserted), "inserted"),
      query(perSecond(POSTGRES.updated), "updated"),
      query(perSecond(POSTGRES.deleted), "deleted"),
    ],
    width: 12,
  }),
  line("db-locks", {
    title: "Locks",
    description: "Held or waited for, by mode.",
    unit: "count",
    queries: [query(`sum by (mode) (${POSTGRES.locks}) > 0`, "{{mode}}")],
  }),
  line("db-deadlocks", {
    title: "Deadlocks",
    description: "Within an hour; each ended a transaction with an error.",
    unit: "count",
    queries: [query(`sum(increase(${POSTGRES.deadlocks}[1h]))`, "deadlocks")],
  }),
  line("db-growth", {
    title: "Size of the databases",
    description: "Bytes by database.",
    unit: "bytes",
    queries: [query(`${POSTGRES.size}${DATABASES}`, "{{datname}}")],
  }),
];

export const database = (watched: Watched): Dashboard =>
  dashboard(watched, "database", {
    title: "Database",
    description: "Postgres: sessions, transactions, rows, locks and size.",
    sections: [
      { title: "Now", panels: databaseNow },
      { title: "Work", panels: databaseWork },
    ],
  });

const hitShare = (window: string): string =>
  `rate(${REDIS.hits}[${window}]) / (rate(${REDIS.hits}[${window}]) + rate(${REDIS.misses}[${window}]) > 0)`;

const cacheNow: Panel[] = [
  stat("redis-up", {
    title: "Redis answers",
    description: "Whether the exporter reaches it.",
    unit: "count",
    queries: [query(`max(${REDIS.up})`, "up")],
    thresholds: YES,
  }),
  stat("redis-hits", {
    title: "Found",
    description: "Share of the keys asked for that were there, over an hour.",
    unit: "share",
    queries: [query(hitShare("1h"), "found")],
  }),
  stat("redis-keys", {
    title: "Keys",
    description: "In all databases.",
    unit: "count",
    queries: [query(`sum(${REDIS.keys})`, "keys")],
  }),
  stat("redis-clients", {
    title: "Clients",
    description: "Connections at this moment.",
    unit: "count",
    queries: [query(`sum(${REDIS.clients})`, "clients")],
  }),
];

const cacheWork: Panel[] = [
  redisMemory(),
  line("redis-commands", {
    title: "Commands",
    description: "A second.",
    unit: "rate",
    queries: [query(`rate(${REDIS.commands}[5m])`, "commands")],
  }),
  line("redis-evicted", {
    title: "Keys evicted",
    description: "A second, because the memory is full.",
    unit: "rate",
    queries: [query(`rate(${REDIS.evicted}[5m])`, "evicted")],
  }),
  line("redis-asked", {
    title: "Keys asked for",
    description: "A second: there, and not.",
    unit: "rate",
    queries: [query(`rate(${REDIS.hits}[5m])`, "found"), query(`rate(${REDIS.misses}[5m])`, "missing")],
  }),
  line("redis-growth", {
    title: "Keys by database",
    description: "How many there are.",
    unit: "count",
    queries: [query(`${REDIS.keys} > 0`, "{{db}}")],
  }),
];

export const cache = (watched: Watched): Dashboard =>
  dashboard(watched, "cache", {
    title: "Cache",
    description: "Redis: memory, keys, hits and commands.",
    sections: [
      { title: "Now", panels: cacheNow },
      { title: "Work", panels: cacheWork },
    ],
  });
