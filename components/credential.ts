import type * as pulumi from "@pulumi/pulumi";

/** What an application needs to reach a service of the stack. */
export interface Credential {
  /** Name under which the application gets it: `DATABASE_URL`. */
  variable: string;
  /** The secret value. */
  value: pulumi.Output<string>;
  /** Changes when the value does; part of a release's identity. */
  fingerprint: string;
  /** The service accepts the credential once this is there. */
  ready: pulumi.Resource;
}
