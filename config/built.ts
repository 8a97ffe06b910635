/** Where images that we build ourselves are published; a name on the private network of the boxes. */
export const LOCAL_REGISTRY = "registry.fairlead.internal:5000";

/** Repositories of applications in that registry. */
const BUILT = `${LOCAL_REGISTRY}/built/`;

/** The image of an application that is built here and has no repository of its own. */
export const builtReference = (app: string): string => `${BUILT}${app}:latest`;

/** Whether a reference names an application's image that was built here. */
export const isBuilt = (reference: string): boolean => reference.startsWith(BUILT);
