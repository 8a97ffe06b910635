/** A cookie as it was set. */
interface Cookie {
  name: string;
  secure: boolean;
  httpOnly: boolean;
  sameSite?: string;
}

/** One `Set-Cookie` header (RFC 6265bis 5.6). */
function parseCookie(text: string): Cookie {
  const [pair, ...attributes] = text.split(";").map((part) => part.trim());
  const value = (name: string): string | undefined =>
    attributes.find((one) => one.toLowerCase().split("=")[0] === name)?.split("=")[1] ?? undefined;
  const set = (name: string): boolean => attributes.some((one) => one.toLowerCase() === name);
  return {
    name: pair!.split("=")[0]!,
    secure: set("secure"),
    httpOnly: set("httponly"),
    sameSite: value("samesite")?.toLowerCase(),
  };
}

/** The Observatory's modifier for the cookies of a page, and why: the worst cookie counts. */
export function cookiesModifier(
  headers: readonly string[],
  hsts: boolean,
): { modifier: number; why: string } {
  const cookies = headers.map(parseCookie);
  if (cookies.length === 0) return { modifier: 0, why: "no cookies" };
  const worst = cookies
    .map((cookie) => judgeCookie(cookie, hsts))
    .sort((a, b) => a.modifier - b.modifier)[0]!;
  if (worst.modifier < 0) return worst;
  const protectedAll = cookies.every(({ sameSite }) => sameSite);
  return protectedAll
    ? { modifier: 5, why: "all with Secure and SameSite" }
    : { modifier: 0, why: "all with Secure" };
}

function judgeCookie(
  { name, secure, httpOnly, sameSite }: Cookie,
  hsts: boolean,
): { modifier: number; why: string } {
  const session = /login|sess/i.test(name);
  if (session && !secure && !hsts) return { modifier: -40, why: `session cookie ${name} without Secure` };
  if (session && !httpOnly) return { modifier: -30, why: `session cookie ${name} without HttpOnly` };
  if (/csrf/i.test(name) && !sameSite) return { modifier: -20, why: `token ${name} without SameSite` };
  if ((sameSite && !["strict", "lax", "none"].includes(sameSite)) || (sameSite === "none" && !secure))
    return { modifier: -20, why: `cookie ${name} with a wrong SameSite` };
  if (!secure && !hsts) return { modifier: -20, why: `cookie ${name} without Secure` };
  if (session && !secure) return { modifier: -10, why: `session cookie ${name} without Secure, behind HSTS` };
  if (!secure) return { modifier: -5, why: `cookie ${name} without Secure, behind HSTS` };
  return { modifier: 0, why: "" };
}
