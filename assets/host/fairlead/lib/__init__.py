"""What the nouns share: files, units, packages, containers, HAProxy, certificates."""
