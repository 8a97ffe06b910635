import type * as pulumi from "@pulumi/pulumi";
import type { Credential } from "../service/credential.ts";

/** A secret of a release: a credential of the stack, or a value from its config. */
export type ReleaseSecret = Pick<Credential, "variable" | "value" | "fingerprint"> & {
  ready?: pulumi.Resource | pulumi.Resource[];
};
