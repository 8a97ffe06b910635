/** The page's own style: it needs nothing from elsewhere, follows the reader's light or dark, and prints. */
export const STYLE = `
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --text: #16202c; --quiet: #5b6878; --line: #e1e5ea;
  --pass: #15803d; --fail: #c81e1e; --unknown: #b45309; --skip: #8a94a3; --accepted: #0e7490; --critical: #9f1239; --high: #c2410c;
  --medium: #a16207; --low: #475569; --accent: #1d4ed8; }
@media (prefers-color-scheme: dark) { :root { --back: #10151c; --card: #18202a; --text: #e8edf3; --quiet: #9aa7b6;
  --line: #2a3543; --pass: #4ade80; --fail: #f87171; --unknown: #fbbf24; --skip: #7b8796; --accepted: #67e8f9; --critical: #fb7185;
  --high: #fb923c; --medium: #facc15; --low: #94a3b8; --accent: #93c5fd; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { margin: 0; font-size: 26px; letter-spacing: -.01em; } h1 + p { margin: 4px 0 24px; color: var(--quiet); }
h2 { margin: 0; font-size: 16px; } code { font: 13px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.top { display: grid; grid-template-columns: 220px 1fr; gap: 16px; margin-bottom: 16px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; }
.ring { display: grid; place-items: center; text-align: center; }
.ring svg { width: 150px; height: 150px; } .ring .track { stroke: var(--line); } .ring circle { fill: none; stroke-width: 11; }
.ring .bar { stroke-linecap: round; transform: rotate(-90deg); transform-origin: center; }
.ring text { fill: var(--text); font-weight: 700; text-anchor: middle; } .ring small { color: var(--quiet); }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 16px; }
.tile b { display: block; font-size: 26px; line-height: 1.2; } .tile span { color: var(--quiet); font-size: 13px; }
.tile.pass b { color: var(--pass); } .tile.fail b { color: var(--fail); } .tile.unknown b { color: var(--unknown); }
.tile.skip b { color: var(--skip); } .tile.accepted b { color: var(--accepted); } section { margin-top: 16px; overflow: hidden; }
section.card { padding: 0; } section > header { display: flex; justify-content: space-between; gap: 12px; align-items: baseline; padding: 14px 20px; }
section > header span { color: var(--quiet); font-size: 13px; white-space: nowrap; }
article { display: grid; grid-template-columns: 26px 74px 1fr; gap: 0 10px; padding: 10px 20px; border-top: 1px solid var(--line); }
article .mark { font-weight: 700; } article .title { font-weight: 550; } article .found { color: var(--quiet); overflow-wrap: anywhere; }
article .meta { color: var(--quiet); font-size: 12.5px; } article .body { grid-column: 3; min-width: 0; }
.do { margin-top: 6px; padding: 6px 12px; border-left: 3px solid var(--accent); background: color-mix(in srgb, var(--accent) 8%, transparent); border-radius: 0 6px 6px 0; }
.pass .mark { color: var(--pass); } .fail .mark { color: var(--fail); } .unknown .mark { color: var(--unknown); } .skip .mark { color: var(--skip); } .accepted .mark { color: var(--accepted); }
article.skip .title { color: var(--quiet); font-weight: 400; }
.severity { font-size: 11.5px; font-weight: 650; text-transform: uppercase; letter-spacing: .03em; padding-top: 2px; }
.critical { color: var(--critical); } .high { color: var(--high); } .medium { color: var(--medium); } .low { color: var(--low); }
section.todo { border-color: var(--fail); } footer { margin-top: 28px; color: var(--quiet); font-size: 13px; }
@media (max-width: 760px) { .top { grid-template-columns: 1fr; } .tiles { grid-template-columns: repeat(2, 1fr); }
  article { grid-template-columns: 22px 1fr; } article .severity { grid-column: 2; } article .body { grid-column: 2; } }
@media print { body { background: none; } .card { break-inside: avoid; } }
`;
