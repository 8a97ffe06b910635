/**
 * Whether an answer means health: one of the statuses that the application declares, `200-299,401`; any 2xx where it declares
 * none (RFC 9110, 15.3): 204 is as good as 200, and a redirect isn't, since health has no other place.
 */
export function isHealthy(status: number, declared = "200-299"): boolean {
  return declared.split(",").some((piece) => {
    const [first, last = first] = piece.split("-").map(Number);
    return status >= first! && status <= last!;
  });
}
