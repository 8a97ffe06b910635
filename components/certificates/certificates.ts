import * as pulumi from "@pulumi/pulumi";
import { credentialsOf } from "../../config/dns-plugins.ts";
import { isAcme, type Certificates as Settings } from "../../config/schema/certificates.ts";
import { containerName, SERVICES } from "../../config/services.ts";
import type { Secrets } from "../../config/secrets.ts";
import { hostCommand, type Later } from "../lib/host-command.ts";
import type { HostInputs } from "../../config/host/index.ts";
import {
  certificateFiles,
  certificatePackages,
  certificateSettings,
  renewalUnit,
  credentialsFile,
  WEBROOT,
  type Certified,
} from "./render.ts";
import type { Server } from "../host/server.ts";

/** Arguments of {@link Certificates}. */
export interface CertificatesArgs {
  server: Server;
  settings: Settings;
  domain: string;
  /** Every name in the certificate, the domain first. */
  names: string[];
  secrets: Secrets;
}

/**
 * What the edge shows: a first pair before the edge starts, so that it can, and the timer that renews (T1–T13).
 * What an ACME directory issues comes through the running edge: {@link orderCertificate}.
 */
export class Certificates extends pulumi.ComponentResource {
  /** Folder on the server with the pair, for the edge: `fullchain.pem`, `privkey.pem`. */
  readonly folder: string;
  /** Folder on the server with the answers to challenges. */
  readonly webroot = WEBROOT;
  /** There is a pair to show. */
  readonly ready: pulumi.Resource;
  /** What a visitor has to trust (PEM); absent where public trust is enough. */
  readonly trusted: pulumi.Output<string> | undefined;
  /** What the server needs to make, order and renew it; no secret is in it. */
  readonly declared: HostInputs["certificate"];

  constructor(name: string, args: CertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fairlead:index:Certificates", name, {}, opts);
    const { server, settings, domain, names } = args;
    const tls = `${server.root}/tls`;
    const container = containerName(server.name, SERVICES.edge);
    const certified: Certified = { settings, domain, names, tls, container };
    this.folder = `${tls}/edge`;
    this.declared = certificateSettings(certified);
    const base = hostCommand(`${name}-base`, "files", baseOf(certified, args.secrets), server, {
      parent: this,
    });
    const first = hostCommand(`${name}-first`, "certificate", this.declared, server, {
      parent: this,
      dependsOn: base,
    });
    this.ready = first;
    const root = settings.root === undefined ? undefined : pulumi.output(settings.root);
    this.trusted = isAcme(settings) ? root : authorityOf(first.stdout);
    this.registerOutputs({ trusted: this.trusted });
  }
}

/**
 * Has the ACME directory issue what is declared, as `<name>-order`: its challenges are answered by the edge.
 * @param edge serves once this is there
 */
export function orderCertificate(
  name: string,
  server: Server,
  certificates: Certificates,
  edge: pulumi.Resource,
): pulumi.Resource {
  return hostCommand(`${name}-order`, "certificate-order", certificates.declared, server, {
    parent: certificates,
    dependsOn: [certificates.ready, edge],
  });
}

function authorityOf(stdout: pulumi.Output<string>): pulumi.Output<string> {
  return stdout.apply((text) => (JSON.parse(text) as { certificate: string }).certificate);
}

/** Packages, folders and files; the credentials only where a DNS plugin needs them. */
function baseOf(certified: Certified, secrets: Secrets): Later<HostInputs["files"]> {
  const { settings, tls } = certified;
  const base = {
    name: "certificates",
    packages: certificatePackages(settings),
    directories: [
      { path: "/etc/fairlead", mode: "0755" },
      { path: WEBROOT, mode: "0755" },
      { path: tls, mode: "0700", purge: true },
      { path: `${tls}/edge`, mode: "0755" },
    ],
    units: [renewalUnit(certified)],
  };
  const files = certificateFiles(certified);
  if (!isAcme(settings) || settings.challenge !== "dns-01") return { ...base, files };
  const needed = Object.values(credentialsOf(settings.dns).secrets);
  const values = Object.fromEntries(needed.map((name) => [name, secrets.get(name)?.value ?? ""]));
  return pulumi.output(values).apply((known) => ({
    ...base,
    files: [...files, credentialsFile(settings.dns, (name) => known[name]!)],
  }));
}
