"""The JSON Schema of a case, made from the vocabulary. That of a decision comes from its model (`Decision.model_json_schema()`)."""

from __future__ import annotations

from typing import Any

from .case import SCHEMA
from .model import Law
from .values import Type

_DATE = {"type": "string", "format": "date"}


def case_schema(law: Law) -> dict[str, Any]:
    """A JSON Schema (2020-12) that every case fits, in the form with nested groups."""
    groups: dict[str, Any] = {}
    top: dict[str, Any] = {}
    for key, kind in sorted(law.types.items()):
        outcome = law.outcomes.get(key)
        if key not in law.facts and not (outcome and outcome.statable):
            continue
        concept = law.facts.get(key) or law.outcomes[key]
        group, _, name = key.partition(".")
        described = {"title": concept.label.en, "description": law.facts[key].ask.en if key in law.facts else concept.label.en}
        entry = {**described, "anyOf": [_plain(kind), _marked(kind), {"type": "null"}]}
        if name:
            groups.setdefault(group, {})[name] = entry
        else:
            top[group] = entry
    properties: dict[str, Any] = {
        "schema": {"const": SCHEMA},
        "about": {"type": "object"},
        "actual": {"type": "object", "propertyNames": {"enum": sorted(law.outcomes)}},
        **top,
    }
    for group, members in groups.items():
        properties[group] = {"type": "object", "properties": members, "additionalProperties": False}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Grondslag case",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _plain(kind: Type) -> dict[str, Any]:
    match kind.kind:
        case "bool":
            return {"type": "boolean"}
        case "enum":
            return {"enum": list(kind.values)}
        case "set":
            return {"type": "array", "items": {"enum": list(kind.values)}}
        case "int":
            bounds = {name: bound for name, bound in (("minimum", kind.minimum), ("maximum", kind.maximum)) if bound is not None}
            return {"type": "integer", **bounds}
        case "date":
            return {"anyOf": [_DATE, {"const": "none"}]} if kind.none else _DATE
        case "country":
            return {"type": "string", "pattern": "^([A-Z]{2}|none)$" if kind.none else "^[A-Z]{2}$"}
        case "countries":
            return {"type": "array", "items": {"type": "string", "pattern": "^[A-Z]{2}$"}}
        case "list":
            fields = {name: {"anyOf": [_plain(inner), {"type": "null"}]} for name, inner in kind.fields.items()}
            return {"type": "array", "items": {"type": "object", "properties": fields, "additionalProperties": False}}
    return {"type": "string"}


def _marked(kind: Type) -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {"value": _plain(kind), "other": _plain(kind), "source": text, "stated_by": text, "disputed": {"type": "boolean"}},
        "required": ["value"],
        "additionalProperties": False,
    }
