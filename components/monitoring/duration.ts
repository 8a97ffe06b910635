/** Whole seconds as Prometheus and Alertmanager write them: `90s`, `5m`, `15d`. */
export function duration(seconds: number): string {
  const units: [number, string][] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "m"],
  ];
  const found = units.find(([length]) => seconds >= length && seconds % length === 0);
  return found ? `${seconds / found[0]}${found[1]}` : `${seconds}s`;
}
