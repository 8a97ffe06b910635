import assert from "node:assert/strict";
import { Browser, browserMissing } from "./support/browser.ts";
import { postgresMissing } from "./support/postgres.ts";
import { redisMissing } from "./support/redis.ts";
import { Server, startBackend } from "./support/server.ts";
import { sharedStores, type Stores } from "./support/stores.ts";
import { until } from "./support/wait.ts";

const STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'";

const missing = [browserMissing(), postgresMissing(), redisMissing()].filter(Boolean).join("; ");
const suite = missing ? describe.skip : describe;

suite(`example page in a browser${missing ? ` (skipped: ${missing})` : ""}`, function () {
  this.timeout(90_000);
  let stores: Stores;
  let backend: Server;
  let frontend: Server;
  let browser: Browser;

  before(async () => {
    stores = await sharedStores();
    backend = await startBackend(stores);
    const env = { RELEASE: "web-7", BACKEND_URL: backend.url, DRAIN_SECONDS: "0" };
    frontend = await (await Server.start("frontend", env)).up();
    browser = await Browser.start(STRICT);
    await browser.open(frontend.url);
  });
  after(async () => {
    await browser?.end();
    await frontend?.end();
    await backend?.end();
  });

  const shows = (id: string, text: string, seconds = 15) =>
    until(`#${id} shows ${text}`, async () => (await browser.text(id)) === text, seconds);

  it("shows the live state of every part, under a strict content policy", async () => {
    await shows("verdict", "Everything is running");
    await shows("api-release", "r1");
    for (const id of ["state-database", "state-redis"]) await shows(id, "up");
    await shows("state-socket", "open");
    await shows("visitors", "only you are here");
    assert.deepEqual(browser.complaints, []);
  });

  it("counts when the button is pressed", async () => {
    const before = Number((await backend.json("/api/counter")).body.value);
    await browser.run('document.getElementById("add").click()');
    await shows("count", (before + 1).toLocaleString("en-US"));
  });

  it("keeps an item and shows it as text, and deletes it", async () => {
    const name = "<b>rope</b>";
    await browser.run(
      `document.getElementById("item-name").value = "${name}"; document.getElementById("item-form").requestSubmit()`,
    );
    const first = () => browser.run<string>('document.querySelector("#items li b")?.textContent');
    await until("the item is the first", async () => (await first()) === name);
    await browser.run('document.querySelector("#items li button").click()');
    await until("it is gone", async () => (await first()) !== name);
  });

  it("draws the events, and goes on by itself with the next release; the gap is marked", async () => {
    const bars = (colour: string) =>
      browser.run<number>(`document.querySelectorAll("#ribbon .${colour}").length`);
    await until("bars of the first release", async () => (await bars("hue0")) >= 2);
    const { port } = backend;
    backend.kill("SIGINT");
    assert.equal(await backend.exited, 0);
    await shows("state-socket", "closed");
    await until("a marked gap", async () => (await bars("gap")) >= 1);
    backend = await startBackend(stores, { RELEASE: "r2", PORT: String(port), FAULT: "deep" });
    await until("bars of the next release", async () => (await bars("hue1")) >= 2, 30);
    await shows("api-release", "r2");
    await shows("state-socket", "open", 30);
    assert.match(await browser.text("legend"), /r1 \d+ s.*r2 \d+ s/);
  });

  it("says so when the stack is degraded", async () => {
    await browser.open(frontend.url);
    await shows("verdict", "The stack is degraded");
    await shows("state-database", "down");
  });
});
