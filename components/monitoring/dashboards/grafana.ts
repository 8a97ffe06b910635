import * as common from "@grafana/grafana-foundation-sdk/common";
import * as sdk from "@grafana/grafana-foundation-sdk/dashboard";
import * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import * as stats from "@grafana/grafana-foundation-sdk/stat";
import * as tables from "@grafana/grafana-foundation-sdk/table";
import * as series from "@grafana/grafana-foundation-sdk/timeseries";
import type { Annotations, Dashboard, Panel, Threshold, Unit } from "./panel.ts";

/** Identity of the datasource, by which panels name it. */
export const DATASOURCE = { type: "prometheus", uid: "prometheus" } as const;

/** Grafana's names of units (its manual, "Standard options", Unit). */
const UNITS: Readonly<Record<Unit, string>> = {
  count: "short",
  rate: "cps",
  seconds: "s",
  bytes: "bytes",
  byteRate: "binBps",
  share: "percentunit",
};

/** Rows of Grafana's grid. */
const HEIGHTS: Readonly<Record<Panel["kind"], number>> = { line: 8, area: 8, table: 8, stat: 4 };

/** Letters of queries. */
const letter = (index: number): string => String.fromCharCode(65 + index);

/** A dashboard as Grafana's provisioning reads it (M23); numbers of panels follow their order. */
export function grafanaDashboard(dashboard: Dashboard): sdk.Dashboard {
  const { uid, title, description, tags, refresh, range, sections, annotations } = dashboard;
  const builder = new sdk.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([...tags])
    .timezone("browser")
    .refresh(duration(refresh))
    .time({ from: `now-${duration(range)}`, to: "now" })
    .tooltip(sdk.DashboardCursorSync.Crosshair)
    .annotations(annotations ? [annotation(annotations)] : [])
    .readonly();
  let id = 0;
  for (const section of sections) {
    builder.withRow(new sdk.RowBuilder(section.title).id(++id));
    for (const panel of section.panels) builder.withPanel(panelOf(panel, ++id));
  }
  return builder.build();
}

/** Grafana's way to write seconds: `5s`, `1h`, `1d`. */
function duration(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  return seconds % 3600 === 0 ? `${seconds / 3600}h` : `${seconds}s`;
}

type Builder = stats.PanelBuilder | tables.PanelBuilder | series.PanelBuilder;

function panelOf(panel: Panel, id: number): Builder {
  const builder = kindOf(panel)
    .id(id)
    .title(panel.title)
    .description(panel.description)
    .datasource(DATASOURCE)
    .unit(UNITS[panel.unit])
    .span(panel.width)
    .height(HEIGHTS[panel.kind])
    .targets(panel.queries.map((_, index) => target(panel, index)));
  if (!panel.signed) builder.min(0);
  if (panel.max !== undefined) builder.max(panel.max);
  if (panel.thresholds.length > 0) builder.thresholds(thresholds(panel.thresholds));
  return builder;
}

function kindOf({ kind, thresholds }: Panel): Builder {
  if (kind === "table") return new tables.PanelBuilder().transformations([REDUCED]);
  if (kind === "stat")
    return new stats.PanelBuilder()
      .graphMode(common.BigValueGraphMode.None)
      .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]));
  const lines = new series.PanelBuilder().legend(
    new common.VizLegendOptionsBuilder()
      .displayMode(common.LegendDisplayMode.List)
      .placement(common.LegendPlacement.Bottom)
      .showLegend(true),
  );
  if (thresholds.length > 0)
    lines.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
    );
  if (kind === "line") return lines;
  return lines.fillOpacity(30).stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
}

/** One row for each series, with its last value. */
const REDUCED: sdk.DataTransformerConfig = { id: "reduce", options: { reducers: ["lastNotNull"] } };

function target({ queries, kind }: Panel, index: number): prometheus.DataqueryBuilder {
  const { expr, legend } = queries[index]!;
  const found = new prometheus.DataqueryBuilder()
    .refId(letter(index))
    .datasource(DATASOURCE)
    .expr(expr)
    .legendFormat(legend);
  return kind === "line" || kind === "area" ? found.range() : found.instant();
}

function thresholds(all: readonly Threshold[]): sdk.ThresholdsConfigBuilder {
  const steps = all.map(({ from, colour }, index) => ({
    // The scale begins below every number.
    value: index === 0 ? null : from,
    color: colour,
  }));
  return new sdk.ThresholdsConfigBuilder().mode(sdk.ThresholdsMode.Absolute).steps(steps);
}

function annotation({ title, expr, legend }: Annotations): sdk.AnnotationQueryBuilder {
  return (
    new sdk.AnnotationQueryBuilder()
      .name(title)
      .datasource(DATASOURCE)
      .enable(true)
      .iconColor("blue")
      // It takes milliseconds.
      .expr(`${expr} * 1000`)
      .titleFormat(title)
      .textFormat(legend)
      .useValueForTime(true)
  );
}
