import type { App } from "../app.ts";
import { readJson } from "../http/body.ts";
import { HttpError } from "../http/errors.ts";
import { wholeNumber } from "../http/query.ts";
import type { Route } from "../http/router.ts";

const LONGEST_NAME = 200;
/** Highest value of Postgres' `integer`. */
const HIGHEST_ID = 2 ** 31 - 1;

/** Rows in Postgres. */
export function itemRoutes({ items, config }: App): Route[] {
  return [
    {
      method: "GET",
      path: "/api/items",
      handle: async ({ query }) => {
        const limit = wholeNumber(query, "limit", { fallback: 20, min: 1, max: 100 });
        return { body: { items: await items.list(limit) } };
      },
    },
    {
      method: "POST",
      path: "/api/items",
      handle: async ({ req }) => {
        const name = validName((await readJson(req)).name);
        return { status: 201, body: { item: await items.add(name, config.release) } };
      },
    },
    {
      method: "DELETE",
      path: "/api/items/:id",
      handle: async ({ params }) => {
        const id = validId(params.id ?? "");
        if (!(await items.remove(id))) throw new HttpError(404, "item_not_found", `There is no item ${id}.`);
        return { body: { deleted: id } };
      },
    },
  ];
}

function validName(value: unknown): string {
  const name = typeof value === "string" ? value.trim() : "";
  // Postgres can't store NUL in a text.
  if (name && [...name].length <= LONGEST_NAME && !name.includes("\0")) return name;
  throw new HttpError(400, "name_invalid", `name must be a text of 1–${LONGEST_NAME} characters.`);
}

function validId(text: string): number {
  const id = Number(text);
  if (/^\d+$/.test(text) && id <= HIGHEST_ID) return id;
  throw new HttpError(400, "id_invalid", `The id must be a whole number 0–${HIGHEST_ID}.`);
}
