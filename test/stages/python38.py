"""Parses the given files with the grammar of Python 3.8, the oldest that a supported server has (Ubuntu 20.04, H2)."""

import ast
import sys

for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        ast.parse(file.read(), path, feature_version=(3, 8))
