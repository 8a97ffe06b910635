import { createHash, createHmac, type BinaryLike } from "node:crypto";
import type { ApiRequest } from "./dns-api.ts";

/** The key that a request must be signed with, and the rest of its scope after the date. */
export interface SigningKey {
  id: string;
  secret: string;
  /** `<region>/<service>/aws4_request`. */
  scope: string;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: BinaryLike, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/**
 * AWS Signature Version 4 of a request without anything to encode in its path
 * (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 *
 * @returns code and message of the refusal; nothing when the signature is good
 */
export function checkSignature(request: ApiRequest, key: SigningKey): [string, string] | undefined {
  const { method, path, headers, body } = request;
  const form = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), *SignedHeaders=([^,]+), *Signature=(\w+)$/;
  const [, id, scope = "", names = "", signature] = form.exec(headers.authorization ?? "") ?? [];
  const time = String(headers["x-amz-date"]);
  if (id !== key.id)
    return ["InvalidClientTokenId", "The security token included in the request is invalid."];
  const sent = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const signed = names.split(";");
  if (
    !(Math.abs(Date.now() - sent) < 15 * 60_000) ||
    scope !== `${time.slice(0, 8)}/${key.scope}` ||
    !["host", "x-amz-date"].every((name) => signed.includes(name))
  )
    return ["SignatureDoesNotMatch", `Time, scope or headers are wrong: ${time} ${scope} ${names}`];

  const [place, query = ""] = path.split("?");
  const canonical = [
    method,
    place,
    query.split("&").sort().join("&"),
    ...signed.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, " ")}`),
    "",
    names,
    sha256(body),
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const signing = scope.split("/").reduce<BinaryLike>(hmac, `AWS4${key.secret}`);
  if (hmac(signing, text).toString("hex") !== signature)
    return ["SignatureDoesNotMatch", "The request signature we calculated does not match the signature."];
  return undefined;
}
