import assert from "node:assert/strict";
import { python } from "./support/python.ts";

describe("an order of a certificate", () => {
  const run = (...outputs: string[]): unknown =>
    python(`from types import SimpleNamespace
from fairlead import acme
answers, calls = ${JSON.stringify(outputs)}, 0
def certbot(argv, **_):
  global calls
  calls += 1
  output = answers.pop(0)
  return SimpleNamespace(stdout=output, stderr="", returncode=1 if output else 0)
acme.run, acme.lost_words = certbot, lambda before: ""
try:
  acme.certbot({"challenge": "http-01", "directory": "https://ca.test/dir", "tls": "/nonexistent", "domain": "a.test"}, [])
  result = [calls, ""]
except HostError as error:
  result = [calls, str(error).split("\\n")[0], str(error).split("What to do: ")[1][:40]]`);
  const nonce = "urn:ietf:params:acme:error:badNonce :: The client sent an unacceptable anti-replay nonce";

  it("is tried again after refused nonces, which say nothing about it", () => {
    assert.deepEqual(run(nonce, nonce, ""), [3, ""]);
  });

  it("is given up after three times, and at once for anything else", () => {
    assert.deepEqual(run(nonce, nonce, nonce), [
      3,
      "https://ca.test/dir issued no certificate: badNonce.",
      "The directory lost track of our requests",
    ]);
    const limited = "urn:ietf:params:acme:error:rateLimited :: too many";
    assert.deepEqual(run(limited), [
      1,
      "https://ca.test/dir issued no certificate: rateLimited.",
      "Wait until the time in the answer; meanw",
    ]);
    assert.deepEqual(run(`${nonce}\n${limited}`), [
      1,
      "https://ca.test/dir issued no certificate: badNonce, rateLimited.",
      "The directory lost track of our requests",
    ]);
  });
});
