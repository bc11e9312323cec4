"""Worked examples and judgments as data: cases with what they must give and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .errors import InputError
from .yamlread import ReadError, parse_yaml, read_text

_LISTS = ("missing", "applies", "fails", "powers", "cites")
_FIELDS = {"id", "title", "chapter", "case", "set", "expect", "readings", "through", "variants", "note", *_LISTS}
_LIMIT = 4_000_000


@dataclass(frozen=True)
class Example:
    """One case with what it must give. `through` names outcomes on which an outcome must rest; `source` is the ECLI of the judgment, if any."""

    id: str
    file: str
    case: Mapping[str, Any]
    expect: Mapping[str, Any]
    readings: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    applies: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    powers: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    through: Mapping[str, Any] = field(default_factory=dict)
    source: str | None = None


def read_examples(folder: Path) -> Iterator[Example]:
    """The examples in a file or in all YAML files below a folder, variants included.

    A file is a list of worked examples, or one case with an `about` (a fixture).

    Raises:
        InputError: a file that cannot be read, or an example with an unknown field or without an id.
    """
    for file in [folder] if folder.is_file() else sorted(folder.rglob("*.yaml")):
        name = f"{file.parent.name}/{file.name}"
        try:
            data = parse_yaml(read_text(file, _LIMIT))
        except ReadError as fault:
            raise InputError(f"{file}: {fault}.") from None
        if isinstance(data, Mapping):
            yield fixture(data, file.stem, name)
            continue
        for item in data or []:
            yield from _expand(item, name)


def fixture(data: Mapping[str, Any], name: str, file: str) -> Example:
    """A case file with an `about` as an example."""
    about = data.get("about") or {}
    return replace(_example(name, file, data, about), source=about.get("ecli"))


def _example(id: str, file: str, case: Mapping[str, Any], item: Mapping[str, Any]) -> Example:
    lists: dict[str, Any] = {name: tuple(item.get(name) or ()) for name in _LISTS}
    mappings: dict[str, Any] = {name: item.get(name) or {} for name in ("expect", "readings", "through")}
    return Example(id=id, file=file, case=case, **mappings, **lists)


def _expand(item: Mapping[str, Any], file: str) -> Iterator[Example]:
    for name in item:
        if name not in _FIELDS:
            raise InputError(f"{file}: example {item.get('id')}: unknown field {name}.")
    if item.get("id") is None:
        raise InputError(f"{file}: an example without `id`: {item.get('title', '')}.")
    if item.get("expect"):
        yield _example(str(item["id"]), file, item["case"], item)
    for variant in item.get("variants") or []:
        case = deepcopy({k: dict(v) if isinstance(v, dict) else v for k, v in item["case"].items()})
        for key, value in (variant.get("set") or {}).items():
            group, _, name = key.partition(".")
            owner, last = (case.setdefault(group, {}), name) if name else (case, group)
            if value is None:
                owner.pop(last, None)
            else:
                owner[last] = value
        yield from _expand({"id": variant.get("id"), **{k: v for k, v in variant.items() if k != "set"}, "case": case}, file)
