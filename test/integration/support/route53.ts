import { randomBytes } from "node:crypto";
import type { ApiAnswer, ApiRequest, Provider, Publish } from "./dns-api.ts";
import { checkSignature } from "./sigv4.ts";

const ROOT = "/2013-04-01";
const NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/";
/** The one zone that is the domain's; the others must be left alone. */
const OWN = "Z0000OWN";

interface RecordSet {
  values: string[];
  ttl: number;
}

/**
 * Amazon Route 53 with one public zone, and others that look alike (docs.aws.amazon.com/Route53/latest/APIReference:
 * ListHostedZones, ChangeResourceRecordSets, GetChange).
 */
export class Route53 implements Provider {
  readonly host = "route53.amazonaws.com";
  readonly credentials = {
    AWS_ACCESS_KEY_ID: `AKIA${randomBytes(8).toString("hex").toUpperCase()}`,
    AWS_SECRET_ACCESS_KEY: randomBytes(20).toString("hex"),
  };
  private readonly records = new Map<string, RecordSet>();
  /** Changes by identity: what has become of them, or why they failed. */
  private readonly changes = new Map<string, "PENDING" | "INSYNC" | Error>();
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly zone: string,
    private readonly publish: Publish,
  ) {}

  async answer(request: ApiRequest): Promise<ApiAnswer> {
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = this.credentials;
    const refused = checkSignature(request, { id, secret, scope: "us-east-1/route53/aws4_request" });
    if (refused) return failure(403, ...refused);
    const [path] = request.path.split("?");
    if (request.method === "GET" && path === `${ROOT}/hostedzone`) return this.zones();
    const [, zone] = /^\/hostedzone\/(\w+)\/rrset\/?$/.exec(path!.slice(ROOT.length)) ?? [];
    if (request.method === "POST" && zone) return this.change(zone, request.body);
    const [, change = ""] = /^\/change\/(\w+)$/.exec(path!.slice(ROOT.length)) ?? [];
    if (request.method === "GET" && this.changes.has(change)) return this.status("GetChange", change);
    return failure(404, "NoSuchHostedZone", `${request.method} ${request.path}`);
  }

  /** Longer names come closer to what is looked for; but a private zone is no place for a public proof. */
  private zones(): ApiAnswer {
    const zones: [string, string, boolean][] = [
      ["Z0000OTHER", "example.com", false],
      [OWN, this.zone, false],
      ["Z0000PRIVATE", `staging.${this.zone}`, true],
    ];
    const list = zones.map(
      ([id, name, isPrivate]) =>
        `<HostedZone><Id>/hostedzone/${id}</Id><Name>${name}.</Name><CallerReference>${id}</CallerReference>` +
        `<Config><PrivateZone>${isPrivate}</PrivateZone></Config></HostedZone>`,
    );
    const page = "<IsTruncated>false</IsTruncated><MaxItems>100</MaxItems>";
    return xml("ListHostedZonesResponse", `<HostedZones>${list.join("")}</HostedZones>${page}`);
  }

  private change(zone: string, body: string): ApiAnswer {
    const one = (tag: string): string => new RegExp(`<${tag}>(.*?)</${tag}>`, "s").exec(body)?.[1] ?? "";
    const values = [...body.matchAll(/<Value>"?(.*?)"?<\/Value>/gs)].map(([, value]) => value!);
    const [action, name, ttl] = [one("Action"), one("Name").replace(/\.$/, ""), Number(one("TTL"))];
    if (zone !== OWN || !name.endsWith(`.${this.zone}`) || one("Type") !== "TXT")
      return failure(403, "AccessDenied", `${action} of ${name} in ${zone}`);
    const present = this.records.get(name);
    // A set is deleted only by who knows what is in it.
    const known = present?.ttl === ttl && present.values.toSorted().join() === values.toSorted().join();
    if (action === "UPSERT") this.records.set(name, { values, ttl });
    else if (action === "DELETE" && known) this.records.delete(name);
    else return failure(400, "InvalidChangeBatch", `${action} of ${name}: the values don't match`);
    const id = `C${randomBytes(6).toString("hex").toUpperCase()}`;
    this.changes.set(id, "PENDING");
    // Visible later, as there: who doesn't wait for INSYNC comes too early.
    this.last = this.last.then(() => this.through(id, name, action === "DELETE" ? [] : values, ttl));
    return this.status("ChangeResourceRecordSets", id);
  }

  private async through(id: string, ...change: Parameters<Publish>): Promise<void> {
    await this.publish(...change).then(
      () => this.changes.set(id, "INSYNC"),
      (error) => this.changes.set(id, error as Error),
    );
  }

  private status(call: string, id: string): ApiAnswer {
    const status = this.changes.get(id);
    if (status instanceof Error) return failure(500, "InternalFailure", status.message);
    const time = new Date().toISOString();
    const info = `<Id>/change/${id}</Id><Status>${status}</Status><SubmittedAt>${time}</SubmittedAt>`;
    return xml(`${call}Response`, `<ChangeInfo>${info}</ChangeInfo>`);
  }
}

function xml(element: string, content: string, status = 200): ApiAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${element} xmlns="${NAMESPACE}">${content}</${element}>`;
  return { status, type: "text/xml", body };
}

function failure(status: number, code: string, message: string): ApiAnswer {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return xml("ErrorResponse", `${error}<RequestId>${randomBytes(8).toString("hex")}</RequestId>`, status);
}
