import { createHash, randomBytes } from "node:crypto";
import type { ApiAnswer, ApiRequest, Provider, Publish } from "./dns-api.ts";

interface ZoneRecord {
  id: number;
  zone: string;
  fieldType: string;
  subDomain: string;
  target: string;
  ttl: number;
}

/** Seconds that its clock is ahead of ours: a client must sign with the time that it asks for. */
const AHEAD = 120;

/**
 * OVHcloud's API with one zone. Signature: help.ovhcloud.com, "First Steps with the OVHcloud APIs"; calls:
 * eu.api.ovh.com/console, section /domain.
 */
export class Ovh implements Provider {
  readonly host = "eu.api.ovh.com";
  readonly credentials = {
    OVH_APPLICATION_KEY: randomBytes(8).toString("hex"),
    OVH_APPLICATION_SECRET: randomBytes(16).toString("hex"),
    OVH_CONSUMER_KEY: randomBytes(16).toString("hex"),
  };
  private readonly records = new Map<number, ZoneRecord>();
  /** Names that were changed since the zone was last refreshed. */
  private readonly changed = new Set<string>();
  private count = 5_000_000_000;

  constructor(
    private readonly zone: string,
    private readonly publish: Publish,
  ) {}

  async answer(request: ApiRequest): Promise<ApiAnswer> {
    const { pathname, searchParams } = new URL(request.path, `https://${this.host}`);
    if (pathname === "/1.0/auth/time") return json(now());
    const refusal = this.refusal(request);
    if (refusal) return refusal;
    const [root, zone, ...rest] = pathname.replace(/^\/1\.0\/domain\/|\/$/g, "").split("/");
    if (root !== "zone") return failure(403, "NOT_GRANTED_CALL", "This call has not been granted");
    if (zone === undefined) return json([this.zone, "example.com"]);
    if (zone !== this.zone) return failure(404, "NOT_FOUND", `zoneName = ${zone} does not exist`);
    return this.inZone(`${request.method} ${rest[0]}`, Number(rest[1]), searchParams, request.body);
  }

  private async inZone(call: string, id: number, query: URLSearchParams, body: string): Promise<ApiAnswer> {
    const record = this.records.get(id);
    if (call === "GET status") return json({ isDeployed: true, errors: [], warnings: [] });
    if (call === "POST refresh") return this.refresh();
    if (call === "POST record") return this.add(body);
    if (call === "GET record" && Number.isNaN(id)) return json(this.find(query).map((one) => one.id));
    if (call === "GET record" && record) return json(record);
    if (call !== "DELETE record" || !record) return failure(404, "NOT_FOUND", `${call} ${id}`);
    this.records.delete(id);
    this.changed.add(record.subDomain);
    return json(null);
  }

  private add(body: string): ApiAnswer {
    const given = JSON.parse(body) as Omit<ZoneRecord, "id" | "zone">;
    const record = { ...given, id: ++this.count, zone: this.zone };
    this.records.set(record.id, record);
    this.changed.add(record.subDomain);
    return json(record);
  }

  private find(query: URLSearchParams): ZoneRecord[] {
    const asked = (["fieldType", "subDomain"] as const).filter((name) => query.has(name));
    return [...this.records.values()].filter((one) => asked.every((name) => one[name] === query.get(name)));
  }

  /** A change is visible only after this. */
  private async refresh(): Promise<ApiAnswer> {
    for (const subDomain of this.changed) {
      const present = this.find(new URLSearchParams({ fieldType: "TXT", subDomain }));
      const values = present.map(({ target }) => target);
      await this.publish(`${subDomain}.${this.zone}`, values, present[0]?.ttl ?? 0);
      this.changed.delete(subDomain);
    }
    return json(null);
  }

  private refusal({ method, path, headers, body }: ApiRequest): ApiAnswer | undefined {
    const { OVH_APPLICATION_KEY: key, OVH_APPLICATION_SECRET: secret } = this.credentials;
    const { OVH_CONSUMER_KEY: consumer } = this.credentials;
    const time = String(headers["x-ovh-timestamp"]);
    const text = [secret, consumer, method, `https://${this.host}${path}`, body, time].join("+");
    const signature = `$1$${createHash("sha1").update(text).digest("hex")}`;
    if (headers["x-ovh-application"] !== key)
      return failure(403, "INVALID_KEY", "This application key is invalid");
    if (headers["x-ovh-consumer"] !== consumer)
      return failure(403, "INVALID_CREDENTIAL", "This credential is not valid");
    if (!(Math.abs(Number(time) - now()) < 30)) return failure(400, "QUERY_TIME_OUT", "Query out of time");
    if (headers["x-ovh-signature"] !== signature)
      return failure(400, "INVALID_SIGNATURE", "Invalid signature");
    return undefined;
  }
}

const now = (): number => Math.floor(Date.now() / 1000) + AHEAD;

function json(value: unknown, status = 200): ApiAnswer {
  return { status, type: "application/json", body: JSON.stringify(value) };
}

function failure(status: number, errorCode: string, message: string): ApiAnswer {
  return json({ class: "Client", errorCode, httpCode: String(status), message }, status);
}
