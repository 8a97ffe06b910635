/** The element with this id. @throws Error when the page has none: page and script don't belong together */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as T;
}

/** A new element with a class and a text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** How a part is: fine, broken, or not known yet. */
export type State = "ok" | "bad" | "wait";

/** Shows the state of one part in the health card. */
export function showState(id: string, state: State, text: string): void {
  const element = byId(`state-${id}`);
  element.dataset.state = state;
  element.textContent = text;
}
