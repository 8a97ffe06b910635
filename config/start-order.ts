import type { StackConfig } from "./schema/index.ts";

/** Applications after what they need; the configuration has no circles. */
export function startOrder({ apps }: Pick<StackConfig, "apps">): string[] {
  const order: string[] = [];
  const visit = (name: string): void => {
    if (order.includes(name)) return;
    apps[name]!.needs.filter((need) => need in apps).forEach(visit);
    order.push(name);
  };
  Object.keys(apps).sort().forEach(visit);
  return order;
}
