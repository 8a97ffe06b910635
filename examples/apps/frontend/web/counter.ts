import { attempt, need } from "./api.ts";
import { byId } from "./dom.ts";

/** The number in Redis, and the button that adds one. */
export function showCounter(): void {
  const figure = byId("count");
  const button = byId<HTMLButtonElement>("add");
  const update = (method: "GET" | "POST") =>
    attempt(byId("counter-problem"), async () => {
      const { value } = await need<{ value: number }>(method, "/counter");
      figure.textContent = value.toLocaleString();
    });
  button.addEventListener("click", () => {
    button.disabled = true;
    void update("POST").finally(() => {
      button.disabled = false;
    });
  });
  void update("GET");
}
