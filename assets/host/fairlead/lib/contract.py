"""
What each noun takes, checked at the door: contract.json is made from config/host (`npm run generate`).

{noun: {verbs: [verb], input: schema}}, and for a verb with an input of its own also {"noun verb": {input: schema}}. A schema
is a JSON Schema (draft 2020-12), of which this checks the keywords that are in use.
"""

import json
import os
import re

from .errors import HostError

PATH = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "contract.json")
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
# What `mismatch` looks at, or says nothing about the value.
KEYWORDS = {
    "type", "properties", "required", "additionalProperties", "propertyNames", "items", "enum", "const", "anyOf",
    "minimum", "maximum", "exclusiveMinimum", "pattern", "description",
}


def load():
    with open(PATH, encoding="utf-8") as file:
        return json.load(file)


def check(schema, value):
    """Raises a HostError that names the path, what was found and what is expected; never the value, which may be a secret."""
    words = mismatch(schema, value, "input")
    if words:
        raise HostError(f"{words}. The program and the tools on the server don't fit: npm run up brings both into line.")


def mismatch(schema, value, path):
    """The first part that doesn't fit, in words; None when everything does."""
    if "anyOf" in schema:
        found = [mismatch(one, value, path) for one in schema["anyOf"]]
        # The one that goes furthest down is the one that was meant.
        return None if None in found else max(found, key=lambda words: len(words.partition(":")[0]))
    if "const" in schema and value != schema["const"]:
        return f"{path}: expected {schema['const']!r}, found {kind(value)}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{path}: expected one of {', '.join(map(str, schema['enum']))}, found {kind(value)}"
    wanted = schema.get("type")
    if wanted and not is_a(wanted, value):
        return f"{path}: expected {wanted}, found {kind(value)}"
    if isinstance(value, dict):
        return of_object(schema, value, path)
    if isinstance(value, list):
        parts = (mismatch(schema.get("items", {}), part, f"{path}[{index}]") for index, part in enumerate(value))
        return next(filter(None, parts), None)
    return of_scalar(schema, value, path)


def of_object(schema, value, path):
    known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
    for key in schema.get("required", []):
        if key not in value:
            return f"{path}.{key}: expected {known.get(key, {}).get('type', 'a value')}, found nothing"
    for key, part in value.items():
        if key not in known and rest is False:
            return f"{path}.{key}: expected nothing of that name ({', '.join(sorted(known))}), found {kind(part)}"
        words = mismatch(known.get(key, rest if isinstance(rest, dict) else {}), part, f"{path}.{key}")
        if words:
            return words
    return None


def of_scalar(schema, value, path):
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        return f"{path}: expected a text like {schema['pattern']}, found another"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        if not low <= value <= high or value <= schema.get("exclusiveMinimum", value - 1):
            return f"{path}: expected a number from {schema.get('minimum', schema.get('exclusiveMinimum'))} to {schema.get('maximum')}, found {value}"
    return None


def is_a(wanted, value):
    if isinstance(value, bool) and wanted != "boolean":
        return False
    # JSON doesn't tell 60 from 60.0.
    if wanted == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES[wanted])


def kind(value):
    names = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null")
