/** Carries the application that an image was built for: what has it may go once it isn't needed any more. */
export const BUILT_FOR = "io.fairlead.built-for";
