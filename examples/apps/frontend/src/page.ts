import type { Assets } from "./assets.ts";
import type { Config } from "./config.ts";
import { html, type Html } from "./html.ts";

/** The page itself. It holds no inline script or style, so it works under the strictest content policy. */
export function startPage(config: Config, assets: Assets): string {
  return frame(
    config,
    assets,
    html`<section class="hero">
        <p class="eyebrow"><span class="beacon" id="beacon"></span><span id="checked">Looking …</span></p>
        <h1 id="verdict" aria-live="polite">Asking the backend how it is</h1>
        <p class="lead">
          Every figure here comes from the running stack, through the edge: an API, rows in Postgres, a number
          in Redis, a WebSocket and a stream of events.
        </p>
        <dl class="releases">
          <div>
            <dt>Page</dt>
            <dd class="chip" title="${config.release}">${config.release}</dd>
          </div>
          <div>
            <dt>API</dt>
            <dd class="chip" id="api-release">…</dd>
          </div>
        </dl>
        <noscript
          ><p class="notice">
            The live figures need JavaScript; the page itself was served all right.
          </p></noscript
        >
      </section>
      <div class="grid">${health()} ${stream()} ${counter()} ${items()}</div>`,
  );
}

/** A page with one sentence, such as a 404. */
export function messagePage(config: Config, assets: Assets, status: number, text: string): string {
  return frame(
    config,
    assets,
    html`<section class="hero">
      <p class="eyebrow">${String(status)}</p>
      <h1>${text}</h1>
      <p class="lead"><a href="/">Back to the start</a></p>
    </section>`,
    false,
  );
}

function health(): Html {
  const row = (id: string, name: string, what: string) =>
    html`<li>
      <span><b>${name}</b><small>${what}</small></span
      ><span class="state" id="state-${id}" data-state="wait">…</span>
    </li>`;
  return html`<section class="card">
    <h2>Health</h2>
    <ul class="rows">
      ${row("api", "API", "answers requests")} ${row("database", "Database", "Postgres runs a query")}
      ${row("redis", "Cache", "Redis answers a ping")} ${row("socket", "WebSocket", "open both ways")}
    </ul>
  </section>`;
}

function stream(): Html {
  return html`<section class="card">
    <h2>Live <small class="aside" id="visitors"></small></h2>
    <p class="hint">
      One bar a second from the event stream, coloured by the release that sent it. A gap would show.
    </p>
    <div class="ribbon" id="ribbon" role="img" aria-label="Events of the last minute"></div>
    <p class="legend" id="legend">Waiting for the first event …</p>
  </section>`;
}

function counter(): Html {
  return html`<section class="card">
    <h2>Counter <small class="aside">Redis</small></h2>
    <output class="figure" id="count">–</output>
    <button type="button" id="add">Add one</button>
    <p class="problem" id="counter-problem" role="alert"></p>
  </section>`;
}

function items(): Html {
  return html`<section class="card">
    <h2>Items <small class="aside">Postgres</small></h2>
    <form id="item-form">
      <label class="unseen" for="item-name">Name of a new item</label>
      <input
        id="item-name"
        name="name"
        maxlength="200"
        autocomplete="off"
        placeholder="Something to keep"
        required
      />
      <button type="submit">Keep</button>
    </form>
    <p class="problem" id="items-problem" role="alert"></p>
    <ul class="items" id="items"></ul>
  </section>`;
}

function frame(config: Config, assets: Assets, content: Html, live = true): string {
  const script = live ? html`<script type="module" src="${assets.path("app.js")}"></script>` : html``;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="description" content="Sample application of a stack declared with Fairlead" />
        <title>Fairlead · sample application</title>
        <link rel="icon" href="${assets.path("favicon.svg")}" type="image/svg+xml" />
        <link rel="stylesheet" href="${assets.path("style.css")}" />
        ${script}
      </head>
      <body data-api="${config.apiPath}" data-ws="${config.wsPath}" data-release="${config.release}">
        <header class="bar">
          <a class="brand" href="/"
            ><img src="${assets.path("favicon.svg")}" alt="" width="32" height="32" />Fairlead</a
          >
          <span class="tag">sample application</span>
        </header>
        <main>${content}</main>
        <footer>
          <span>Version ${config.version}</span>
          <a href="${config.apiPath}/release">API release</a>
          <a href="${config.apiPath}/health/deep">Deep health</a>
        </footer>
      </body>
    </html>`.text;
}
