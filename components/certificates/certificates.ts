import * as pulumi from "@pulumi/pulumi";
import { credentialsOf } from "../../config/dns-plugins.ts";
import { isAcme, type Certificates as Settings } from "../../config/schema/certificates.ts";
import { containerName, SERVICES } from "../../config/services.ts";
import type { Secrets } from "../../config/secrets.ts";
import { hostCommand, type Later } from "../lib/host-command.ts";
import type { HostFile, HostInputs } from "../../config/host/index.ts";
import {
  certificateFiles,
  certificatePackages,
  certificateSettings,
  renewalUnit,
  credentialsFile,
  ownFiles,
  SITES,
  WEBROOT,
  type Certified,
} from "./render.ts";
import type { Server } from "../host/server.ts";

/** A site with a certificate of its own. */
export interface CertifiedSite {
  site: string;
  settings: Settings;
  /** Every name in it, the site first. */
  names: string[];
}

/** Arguments of {@link Certificates}. */
export interface CertificatesArgs {
  server: Server;
  settings: Settings;
  domain: string;
  /** Every name in the certificate, the domain first. */
  names: string[];
  /** Sites with one of their own. */
  sites: CertifiedSite[];
  secrets: Secrets;
}

/** A certificate, made from what is declared. */
interface Made {
  name: string;
  /** What the server needs to make, order and renew it; no secret is in it. */
  declared: HostInputs["certificate"];
  /** There is a pair to show. */
  ready: pulumi.Resource;
}

/**
 * What the edge shows: a first pair before the edge starts, so that it can, and the timer that renews (T1–T13).
 * What an ACME directory issues comes through the running edge: {@link orderCertificates}.
 */
export class Certificates extends pulumi.ComponentResource {
  /** Folder on the server with the pair, for the edge: `fullchain.pem`, `privkey.pem`; those of sites are below it. */
  readonly folder: string;
  /** Folder on the server with the answers to challenges. */
  readonly webroot = WEBROOT;
  /** There is a pair to show, for each site with its own too. */
  readonly ready: pulumi.Resource[];
  /** What a visitor has to trust (PEM); absent where public trust is enough. */
  readonly trusted: pulumi.Output<string> | undefined;
  /** The same of the sites with a certificate of their own, where public trust is not enough. */
  readonly trustedBySite: Record<string, pulumi.Output<string>>;
  /** The domain's, then those of sites. */
  readonly made: Made[];

  constructor(name: string, args: CertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fairlead:index:Certificates", name, {}, opts);
    const { server, settings, domain, names } = args;
    const tls = `${server.root}/tls`;
    const container = containerName(server.name, SERVICES.edge);
    const certified: Certified = { settings, domain, names, tls, container };
    this.folder = `${tls}/edge`;
    const sites = args.sites.map((one): Certified => ({
      ...certified,
      settings: one.settings,
      domain: one.site,
      names: one.names,
      site: true,
    }));
    const base = hostCommand(`${name}-base`, "files", baseOf(certified, sites, args.secrets), server, {
      parent: this,
    });
    const declared = certificateSettings(certified);
    const first = hostCommand(`${name}-first`, "certificate", declared, server, {
      parent: this,
      dependsOn: base,
    });
    const firsts = sites.map((site) => {
      const own = `${name}-${site.domain}`;
      const input = certificateSettings(site);
      const options = { parent: this, dependsOn: first };
      return {
        name: own,
        declared: input,
        ready: hostCommand(own, "site-certificate", input, server, options),
      };
    });
    this.made = [{ name, declared, ready: first }, ...firsts];
    this.ready = this.made.map(({ ready }) => ready);
    this.trusted = trustIn(settings, first);
    const others = sites.map((site, at) => [site.domain, trustIn(site.settings, firsts[at]!.ready)] as const);
    this.trustedBySite = Object.fromEntries(others.flatMap(([site, pem]) => (pem ? [[site, pem]] : [])));
    this.registerOutputs({ trusted: this.trusted });
  }
}

/**
 * Has the ACME directories issue what is declared, as `<name>-order`: their challenges are answered by the edge. One that
 * fails holds up no other.
 * @param edge serves once this is there
 */
export function orderCertificates(server: Server, certificates: Certificates, edge: pulumi.Resource): void {
  for (const { name, declared, ready } of certificates.made)
    hostCommand(`${name}-order`, "certificate-order", declared, server, {
      parent: certificates,
      dependsOn: [ready, edge],
    });
}

function trustIn(
  settings: Settings,
  { stdout }: { stdout: pulumi.Output<string> },
): pulumi.Output<string> | undefined {
  if (!isAcme(settings)) return authorityOf(stdout);
  return settings.root === undefined ? undefined : pulumi.output(settings.root);
}

function authorityOf(stdout: pulumi.Output<string>): pulumi.Output<string> {
  return stdout.apply((text) => (JSON.parse(text) as { certificate: string }).certificate);
}

/** Packages, folders and files; the credentials only where a DNS plugin needs them. */
function baseOf(certified: Certified, sites: Certified[], secrets: Secrets): Later<HostInputs["files"]> {
  const { tls } = certified;
  const all = [certified, ...sites];
  const acme = all.some(({ settings }) => isAcme(settings));
  const base = {
    name: "certificates",
    packages: [...new Set(all.flatMap(({ settings }) => certificatePackages(settings)))],
    directories: [
      { path: "/etc/fairlead", mode: "0755" },
      ...(sites.length > 0 ? [{ path: SITES, mode: "0700" }] : []),
      { path: WEBROOT, mode: "0755" },
      { path: tls, mode: "0700", purge: true },
      { path: `${tls}/edge`, mode: "0755" },
    ],
    units: [renewalUnit(certified, acme)],
  };
  const files = [...certificateFiles(certified, acme), ...sites.flatMap(ownFiles)];
  const asked = all.filter(({ settings }) => isAcme(settings) && settings.challenge === "dns-01");
  if (asked.length === 0) return { ...base, files };
  return pulumi.all(asked.map((one) => credentialsOver(one, secrets))).apply((credentials) => ({
    ...base,
    files: [...files, ...credentials],
  }));
}

/** The credentials file of one certificate's plugin, once its secrets are known. */
function credentialsOver(
  { settings: { dns }, site, domain }: Certified,
  secrets: Secrets,
): pulumi.Output<HostFile> {
  const needed = Object.values(credentialsOf(dns).secrets);
  const values = Object.fromEntries(needed.map((name) => [name, secrets.get(name)?.value ?? ""]));
  return pulumi
    .output(values)
    .apply((known) => credentialsFile(dns, (name) => known[name]!, site ? domain : undefined));
}
