/** How far back a page of figures looks. */
export const VIEWS = ["last hour", "last day", "15 days"] as const;
