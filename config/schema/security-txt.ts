import { z } from "zod";

const uri = z
  .string()
  .regex(/^(mailto:|https:\/\/|tel:)[\x21-\x7e]+$/, { error: "a URI such as mailto:security@example.com" });

/** How to report a vulnerability (RFC 9116). */
export const securityTxt = z.strictObject({
  contact: z.array(uri).min(1).describe("Where to report, the preferred way first"),
  expires: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/, {
      error: "a date such as 2027-06-30T00:00:00Z (RFC 3339)",
    })
    .describe("When this becomes stale; less than a year ahead is advised"),
  languages: z
    .array(z.string().regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, { error: "a language tag such as fr" }))
    .default([])
    .describe("Languages of the reports"),
  policy: uri.optional().describe("Page with the rules for reports"),
  encryption: uri.optional().describe("Key for encrypted reports"),
});

export type SecurityTxt = z.output<typeof securityTxt>;
