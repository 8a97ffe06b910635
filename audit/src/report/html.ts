import type { AuditResult, Finding } from "../audit.ts";
import type { Result } from "../check.ts";
import { isChosen } from "../registry.ts";
import { STYLE } from "./style.ts";
import { acceptance, groups, MARK, scoreText, worst } from "./table.ts";

/** The audit as one page that needs nothing else: no script, no font, no picture from elsewhere. */
export function page(result: AuditResult): string {
  const host = new URL(result.target).host;
  const open = worst(result.findings);
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Audit of ${escape(host)}: ${scoreText(result.score)}</title><style>${STYLE}</style></head><body><main>`,
    `<h1>Audit of ${escape(host)}</h1><p>${escape(when(result))}</p>`,
    `<div class="top">${ring(result)}<div class="tiles">${tiles(result)}</div></div>`,
    open.length > 0 ? group("What to do", open, "todo") : "",
    ...groups(result.findings).map(([title, findings]) => group(title, findings)),
    "<footer>✓ passes, ✗ fails, ? could not be checked, – doesn’t apply, ≈ fails and is accepted. The worst failure bounds the score; docs/audit.md says how.</footer>",
    "</main></body></html>",
    "",
  ].join("\n");
}

function when({ at, seconds, findings }: AuditResult): string {
  return `${at.slice(0, 16).replace("T", " ")} UTC · ${findings.length} checks in ${seconds.toFixed(0)} s`;
}

function ring({ score }: AuditResult): string {
  const around = 2 * Math.PI * 60;
  const points = score.points ?? 0;
  const colour = points >= 90 ? "pass" : points >= 70 ? "unknown" : "fail";
  const drawn = `stroke-dasharray="${((around * points) / 100).toFixed(1)} ${around.toFixed(1)}"`;
  return [
    `<div class="card ring"><svg viewBox="0 0 140 140" role="img" aria-label="${scoreText(score)}">`,
    `<circle class="track" cx="70" cy="70" r="60"/><circle class="bar" cx="70" cy="70" r="60" style="stroke:var(--${colour})" ${drawn}/>`,
    `<text x="70" y="72" font-size="34">${score.points ?? ""}</text><text x="70" y="96" font-size="16">${score.grade}</text>`,
    "</svg><small>of 100 points</small></div>",
  ].join("");
}

/** Figures that other tools give, and the counts. */
function tiles({ findings, score }: AuditResult): string {
  const one = (id: string): Finding | undefined => findings.find((finding) => finding.id === id);
  const figure = (id: string, label: string): string => {
    const finding = one(id);
    return finding ? tile(finding.result, finding.figure ?? "–", label) : "";
  };
  const bench = findings.filter(({ id }) => isChosen(id, ["docker.5"]));
  const warnings = bench.filter(({ result }) => result === "fail").length;
  return [
    tile("pass", score.counts.pass, "passed"),
    tile(score.counts.fail > 0 ? "fail" : "pass", score.counts.fail, "failed"),
    tile(score.counts.unknown > 0 ? "unknown" : "skip", score.counts.unknown, "could not be checked"),
    tile("skip", score.counts.skip, "don’t apply"),
    score.counts.accepted > 0 ? tile("accepted", score.counts.accepted, "accepted") : "",
    figure("tls.grade", "TLS, by SSL Labs’ rules"),
    figure("headers.observatory", "headers, by the Observatory"),
    figure("packages.lynis", "Lynis’ hardening index"),
    bench.length > 0 ? tile(warnings > 0 ? "fail" : "pass", warnings, "Docker benchmark warnings") : "",
  ].join("");
}

const tile = (state: Result, value: string | number, label: string): string =>
  `<div class="card tile ${state}"><b>${escape(String(value))}</b><span>${escape(label)}</span></div>`;

function group(title: string, findings: readonly Finding[], kind = ""): string {
  const good = findings.filter(({ result }) => result === "pass").length;
  const judged = findings.filter(({ result }) => result !== "skip" && result !== "accepted").length;
  const note = kind === "todo" ? `${findings.length}` : `${good} of ${judged}`;
  const rows = findings.map((finding) => row(finding, kind === "todo" ? finding.remedy : "")).join("");
  return `<section class="card ${kind}"><header><h2>${escape(title)}</h2><span>${note}</span></header>${rows}</section>`;
}

function row(finding: Finding, remedy: string): string {
  const { id, title, severity, result, found, requirements } = finding;
  return [
    `<article class="${result}"><span class="mark">${MARK[result]}</span><span class="severity ${severity}">${severity}</span>`,
    `<div class="body"><div class="title">${escape(title)}</div><div class="found">${escape(found)}</div>`,
    line("found", acceptance(finding)),
    `<div class="meta"><code>${escape(id)}</code> · ${escape(requirements.join(", "))}</div>${line("do", remedy)}</div></article>`,
  ].join("");
}

/** A line of a row; none when there is nothing to say. */
const line = (kind: string, text: string): string =>
  text === "" ? "" : `<div class="${kind}">${escape(text)}</div>`;

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
