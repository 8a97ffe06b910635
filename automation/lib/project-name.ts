/** The project's name: the namespace of its settings. */
export const PROJECT = "fairlead";
