import type { App } from "../../config/schema/app/index.ts";
import type { Edge } from "../../config/schema/edge.ts";
import type { Monitoring } from "../../config/schema/monitoring.ts";
import type { OtherSite } from "../../config/schema/site.ts";
import type { ImageSet } from "../../config/services.ts";

/** What the edge serves. */
export interface Site {
  domain: string;
  /** Port that the outside world uses for HTTPS; 443 on a server, another on a box. */
  httpsPort: number;
  apps: Record<string, Pick<App, "routes" | "health">>;
  edge: Edge;
  /** Other domains; none when absent. */
  sites?: Record<string, OtherSite>;
  monitoring: Monitoring;
  /** Our own set of images has Nginx with Brotli, the official one has none (E22). */
  images: ImageSet;
  versions: { nginx?: string };
}
