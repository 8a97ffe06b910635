#!/usr/bin/env node
// Draws what a terminal showed as an SVG: node docs/pictures/terminal.mjs docs/pictures/up.txt > docs/pictures/up.svg
// The text may hold the escape sequences of bold and of the eight colours (ECMA-48, SGR), and no others.
import { readFileSync } from "node:fs";

/** Width of a letter and height of a line, pixels, at a font size of 14. */
const [LETTER, LINE, MARGIN] = [8.4, 20, 16];
const COLOURS = {
  31: "#ff7b72",
  32: "#7ee787",
  33: "#e3b341",
  34: "#79c0ff",
  35: "#d2a8ff",
  36: "#76e3ea",
  90: "#8b949e",
};
const SEQUENCE = /\u001b\[([\d;]*)m/;

/** Text of an element; spaces that no renderer collapses. */
const escape = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(" ", "\u00a0");

/** The style after a sequence. */
function next(style, codes) {
  let { bold, fill } = style;
  for (const code of codes.split(";").map(Number)) {
    if (code === 0) [bold, fill] = [false, undefined];
    else if (code === 1) bold = true;
    else if (code === 22) bold = false;
    else if (code === 39) fill = undefined;
    else fill = COLOURS[code] ?? fill;
  }
  return { bold, fill };
}

/** One line as `<text>`; its parts have the styles that the sequences between them say. */
function drawn(line, index) {
  let style = { bold: false, fill: undefined };
  const parts = line.split(SEQUENCE).map((part, at) => {
    if (at % 2 === 1) style = next(style, part);
    if (at % 2 === 1 || part === "") return "";
    const attributes = [style.bold && 'font-weight="bold"', style.fill && `fill="${style.fill}"`].filter(
      Boolean,
    );
    return attributes.length > 0 ? `<tspan ${attributes.join(" ")}>${escape(part)}</tspan>` : escape(part);
  });
  return `<text x="${MARGIN}" y="${MARGIN + LINE * index + 14}">${parts.join("")}</text>`;
}

/** The picture of a text. */
export function picture(text) {
  const lines = text.replace(/\n+$/, "").split("\n");
  const longest = Math.max(...lines.map((line) => line.replaceAll(new RegExp(SEQUENCE, "g"), "").length));
  const width = Math.ceil(longest * LETTER) + 2 * MARGIN;
  const height = lines.length * LINE + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">`,
    ...lines.map(drawn),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

if (process.argv[1] === import.meta.filename)
  process.stdout.write(picture(readFileSync(process.argv[2], "utf8")));
