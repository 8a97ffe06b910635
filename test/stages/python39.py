"""Parses the given files with the grammar of Python 3.9, the oldest that a supported server has (Debian 11)."""

import ast
import sys

for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        ast.parse(file.read(), path, feature_version=(3, 9))
