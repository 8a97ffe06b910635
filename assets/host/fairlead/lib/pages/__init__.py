"""Pages about a stack: HTML with pictures in SVG, in one file each, without scripts. Everything here is a pure function."""
