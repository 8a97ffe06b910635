import type { Certificates } from "./schema/certificates.ts";

/** What a DNS plugin's credentials file holds: plain lines, and lines whose value is a secret of that name. */
export interface Credentials {
  settings: Record<string, string>;
  secrets: Record<string, string>;
}

/** certbot-dns-ovh and certbot-dns-route53: their documented parameters, so that only the secrets have to be set. */
const KNOWN: Record<string, Credentials> = {
  ovh: {
    settings: { dns_ovh_endpoint: "ovh-eu" },
    secrets: {
      dns_ovh_application_key: "OVH_APPLICATION_KEY",
      dns_ovh_application_secret: "OVH_APPLICATION_SECRET",
      dns_ovh_consumer_key: "OVH_CONSUMER_KEY",
    },
  },
  route53: {
    settings: {},
    secrets: { aws_access_key_id: "AWS_ACCESS_KEY_ID", aws_secret_access_key: "AWS_SECRET_ACCESS_KEY" },
  },
};

/** The lines of the credentials file: the plugin's own, and what the stack file adds or replaces. */
export function credentialsOf({ plugin, settings, secrets }: Certificates["dns"]): Credentials {
  const known = KNOWN[plugin ?? ""] ?? { settings: {}, secrets: {} };
  const plain = { ...known.settings, ...settings };
  const secret = { ...known.secrets, ...secrets };
  // A parameter that is set in plain text is not a secret any more.
  for (const parameter of Object.keys(settings)) if (!(parameter in secrets)) delete secret[parameter];
  return { settings: plain, secrets: secret };
}
