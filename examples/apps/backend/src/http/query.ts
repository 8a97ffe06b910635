import { HttpError } from "./errors.ts";

/**
 * Reads a whole number from the query.
 * @throws HttpError 400 naming the parameter and its range
 */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new HttpError(400, "query_invalid", `${name} must be a whole number ${min}–${max}.`);
}
