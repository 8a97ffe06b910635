import { attempt, need } from "./api.ts";
import { byId, make } from "./dom.ts";

interface Item {
  id: number;
  name: string;
  release: string;
  createdAt: string;
}

const SHOWN = 6;

/** The newest rows in Postgres, with a form for one more. */
export function showItems(): void {
  const problem = byId("items-problem");
  const form = byId<HTMLFormElement>("item-form");
  const input = byId<HTMLInputElement>("item-name");

  const load = async () => {
    const { items } = await need<{ items: Item[] }>("GET", `/items?limit=${SHOWN}`);
    byId("items").replaceChildren(
      ...(items.length ? items.map(row) : [make("li", "empty", "Nothing kept yet.")]),
    );
  };
  const row = (item: Item) => {
    const element = make("li", "");
    const drop = make("button", "quiet", "×");
    drop.type = "button";
    drop.title = `Delete ${item.name}`;
    drop.setAttribute("aria-label", drop.title);
    drop.addEventListener("click", () => {
      void attempt(problem, async () => {
        await need("DELETE", `/items/${item.id}`);
        await load();
      });
    });
    const when = new Date(item.createdAt).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    const text = make("span", "");
    text.append(make("b", "", item.name), make("small", "", `${when} · ${item.release}`));
    text.title = `Written by release ${item.release}`;
    element.append(text, drop);
    return element;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(problem, async () => {
      await need("POST", "/items", { name: input.value });
      form.reset();
      await load();
    });
  });
  void attempt(problem, load);
}
