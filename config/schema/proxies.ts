import { z } from "zod";
import { network } from "./fields.ts";

const named = z.literal("cloudflare");

/** Proxies before the edge: a name of a list in `config/proxies.json`, or networks, with such names among them. */
export const trustedProxies = z.union([named, z.array(z.union([named, network]))]);
