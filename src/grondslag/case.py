"""A case: what is stated about one person, with who said it and whether it is disputed. Read from YAML or JSON and checked against the vocabulary."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from . import values as v
from .errors import InputError
from .model import Law
from .parse import describe, suggest
from .values import NONE, UNKNOWN, Type, Value
from .yamlread import Map, ReadError, decode, parse_json, parse_yaml, read_text

CASE_LIMIT = 200_000
SCHEMA = 1
_MARKS = {"value", "other", "source", "stated_by", "disputed"}
_TOP = ("schema", "about", "actual")


class Stated(BaseModel):
    """One fact as stated: its value, where it comes from and who said it. A disputed fact counts as unknown; `other` is what the other side says."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    value: Any
    other: Any = None
    source: str | None = None
    stated_by: str | None = None
    disputed: bool = False
    assumed: bool = False


class Case(BaseModel):
    """A case that fits the vocabulary of a law: what is stated of each fact, what the authority decided (`actual`), and free text (`about`)."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    facts: Mapping[str, Stated]
    actual: Mapping[str, Any] = {}
    about: Mapping[str, Any] = {}

    @property
    def reference_date(self) -> date:
        """The date on which the law is applied and the facts are taken (peildatum)."""
        value = self.facts["case.reference_date"].value
        assert isinstance(value, date)
        return value

    @property
    def known(self) -> dict[str, Value]:
        """The values that count: stated and not disputed."""
        return {key: stated.value for key, stated in self.facts.items() if not stated.disputed}

    @property
    def digest(self) -> str:
        """A hash of the facts, the same for the same facts in any order."""
        plain = {key: [to_plain(s.value), to_plain(s.other), s.disputed, s.assumed] for key, s in self.facts.items()}
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()

    def with_facts(self, law: Law, changes: Mapping[str, Value | None], *, assumed: bool = False) -> Case:
        """The same case with some facts stated otherwise; `None` takes a fact away.

        Raises:
            InputError: the changed case contradicts itself.
        """
        facts = {key: stated for key, stated in self.facts.items() if key not in changes}
        facts.update({key: Stated(value=value, assumed=assumed) for key, value in changes.items() if value is not None})
        case = self.model_copy(update={"facts": facts})
        _check(case, law, "")
        return case

    def with_text(self, law: Law, changes: Mapping[str, str]) -> Case:
        """The same case with some facts assumed, their values as text (`true`, `28`, `2024-05-01`, `a,b`).

        Raises:
            InputError: an unknown fact, or a value that does not fit.
        """
        values: dict[str, Value | None] = {}
        for key, text in changes.items():
            if key not in _stated_keys(law):
                raise InputError(f"{key}: unknown fact{suggest(key, sorted(_stated_keys(law)))}.")
            try:
                values[key] = read_value(from_text(text, law.types[key]), law.types[key])
            except ValueError as fault:
                raise InputError(f"{key}: {fault}.") from None
        return self.with_facts(law, values, assumed=True)

    def to_data(self) -> dict[str, Any]:
        """The case as plain nested data, in the form that `case_from_data` reads."""
        data: dict[str, Any] = {"schema": self.schema_version}
        if self.about:
            data["about"] = dict(self.about)
        for key, stated in self.facts.items():
            group, _, name = key.partition(".")
            value: Any = to_plain(stated.value)
            marks: dict[str, Any] = {k: m for k, m in (("source", stated.source), ("stated_by", stated.stated_by)) if m}
            if stated.disputed:
                marks["disputed"] = True
                if stated.other is not None:
                    marks["other"] = to_plain(stated.other)
            if marks:
                value = {"value": value, **marks}
            if name:
                data.setdefault(group, {})[name] = value
            else:
                data[group] = value
        if self.actual:
            data["actual"] = {key: to_plain(value) for key, value in self.actual.items()}
        return data


def from_text(text: str, kind: Type) -> Any:
    """The value that a word on the command line stands for."""
    if kind.kind == "bool":
        return {"true": True, "ja": True, "yes": True, "false": False, "nee": False, "no": False}.get(text.lower(), text)
    if kind.kind == "int" and text.lstrip("-").isdigit():
        return int(text)
    if kind.kind in ("set", "countries"):
        return [part.strip() for part in text.strip("[]").split(",") if part.strip()]
    if kind.kind == "list":
        raise ValueError("a list of records is stated in the case file")
    return text


def to_plain(value: Any) -> Any:
    """A value as JSON has it: dates and `none` as text, sets as sorted lists."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [{name: to_plain(inner) for name, inner in record.items()} for record in value]
    return value


def read_case(path: str | Path, law: Law, *, as_of: date | None = None) -> Case:
    """A case from a YAML or JSON file, or from standard input for `-`. `as_of` takes the place of its reference date.

    Raises:
        InputError: the file cannot be read or does not fit the vocabulary; every fault found has its own sentence.
    """
    name = "standard input" if str(path) == "-" else str(path)
    try:
        text = decode(sys.stdin.buffer.read(CASE_LIMIT + 1), CASE_LIMIT) if str(path) == "-" else read_text(Path(path), CASE_LIMIT)
        data = parse_json(text) if text.lstrip()[:1] == "{" and str(path).endswith(("json", "-")) else parse_yaml(text)
    except ReadError as fault:
        raise InputError(f"{name}{f':{fault.line}' if fault.line else ''}: {fault}.") from None
    if data is None:
        raise InputError(f"{name}: the file is empty; a case begins with `case: {{reference_date: YYYY-MM-DD}}`.")
    return case_from_data(data, law, name, as_of=as_of)


def case_from_data(data: Any, law: Law, name: str = "case", *, as_of: date | None = None) -> Case:
    """A case from nested data (`{group: {fact: value}}`), as a YAML or JSON file has it. `name` stands in messages.

    Raises:
        InputError: an unknown key, a value that does not fit, a missing reference date, or facts that contradict each other.
    """
    problems: list[str] = []

    def fail(owner: Any, key: str, message: str) -> None:
        line = owner.lines.get(key, owner.line) if isinstance(owner, Map) and owner.line else 0
        problems.append(f"{name}{f':{line}' if line else ''}: {message}.")

    if not isinstance(data, Mapping):
        raise InputError(f"{name}: a case is a mapping of groups of facts, not {_kind(data)}.")
    keys = _stated_keys(law)
    groups = {key.split(".")[0] for key in keys} | set(_TOP)
    facts: dict[str, Stated] = {}
    for group, members in data.items():
        if group in _TOP:
            continue
        if group in keys:
            _read_fact(law, group, members, data, facts, fail)
        elif group not in groups:
            near = suggest(str(group), sorted(groups))
            fail(data, group, f"unknown group of facts {group}{near}")
        elif not isinstance(members, Mapping):
            fail(data, group, f"{group}: a group holds facts, `{group}: {{fact: value}}`, not {_kind(members)}")
        else:
            for key, value in members.items():
                if f"{group}.{key}" in keys:
                    _read_fact(law, f"{group}.{key}", value, members, facts, fail, key)
                else:
                    fail(members, key, f"unknown fact {group}.{key}{suggest(f'{group}.{key}', sorted(keys))}")
    if data.get("schema", SCHEMA) != SCHEMA:
        fail(data, "schema", f"schema: {data['schema']} is not a schema this version reads; it reads {SCHEMA}")
    about = data.get("about") or {}
    if not isinstance(about, Mapping):
        fail(data, "about", f"about: a mapping is expected, not {_kind(about)}")
        about = {}
    actual = _read_actual(law, data, fail)
    if as_of is not None:
        facts["case.reference_date"] = Stated(value=as_of)
    if "case.reference_date" not in facts and not problems:
        problems.append(f"{name}: case.reference_date is missing; give the date on which the law is applied, or --as-of.")
    if problems:
        raise InputError(*problems)
    case = Case(schema=1, facts=facts, actual=actual, about=dict(about))
    _check(case, law, name)
    return case


def _stated_keys(law: Law) -> set[str]:
    return set(law.facts) | {key for key, outcome in law.outcomes.items() if outcome.statable}


def _read_fact(law: Law, key: str, value: Any, owner: Any, facts: dict[str, Stated], fail: Any, short: str | None = None) -> None:
    short = short or key
    marks: dict[str, Any] = {}
    if isinstance(value, Mapping):
        if "value" not in value:
            fail(owner, short, f"{key}: a fact with marks is {{value: …, source: …, stated_by: …, disputed: …}}; `value` is missing")
            return
        for mark in value:
            if mark not in _MARKS:
                fail(value, mark, f"{key}: unknown mark {mark}{suggest(str(mark), sorted(_MARKS))}")
        marks = {k: value[k] for k in _MARKS - {"value"} if value.get(k) is not None}
        value = value["value"]
    if value is None:
        return
    kind = law.types[key]
    try:
        disputed = marks.pop("disputed", False)
        if not isinstance(disputed, bool):
            raise ValueError("`disputed` is true or false")
        if "other" in marks:
            marks["other"] = read_value(marks["other"], kind)
        marks = {k: (m if k == "other" else str(m)) for k, m in marks.items()}
        facts[key] = Stated(value=read_value(value, kind), disputed=disputed, **marks)
    except ValueError as fault:
        fail(owner, short, f"{key}: {fault}")


def read_value(value: Any, kind: Type) -> Value:
    """A value of a type from plain data.

    Raises:
        ValueError: it does not fit; the message says what is allowed.
    """
    match kind.kind:
        case "bool" if isinstance(value, bool):
            return value
        case "int" if isinstance(value, int) and not isinstance(value, bool):
            if (kind.minimum is not None and value < kind.minimum) or (kind.maximum is not None and value > kind.maximum):
                high = f" to {kind.maximum}" if kind.maximum is not None else " or more"
                raise ValueError(f"{value} is outside what is possible ({kind.minimum}{high} {kind.unit})")
            if abs(value) > 10**9:
                raise ValueError(f"{value} is too large")
            return value
        case "date":
            return _read_date(value, kind)
        case "enum" if isinstance(value, str):
            if value in kind.values:
                return value
            raise ValueError(f"`{value}` is not {describe(kind)}{suggest(value, list(kind.values))}")
        case "country" if value == "none" and kind.none:
            return NONE
        case "country" if isinstance(value, str):
            if len(value) == 2 and value.isascii() and value.isupper():
                return value
            raise ValueError(f"`{value}` is not a country code of two capitals (ISO 3166)")
        case "text" if isinstance(value, str):
            return value
        case "set" | "countries" if isinstance(value, (list, tuple, set, frozenset)):
            return frozenset(str(read_value(item, kind.element)) for item in value)
        case "list" if isinstance(value, (list, tuple)):
            return tuple(_read_record(item, kind, n) for n, item in enumerate(value, 1))
    raise ValueError(f"{_kind(value)} does not fit; expected {describe(kind)}")


def _read_date(value: Any, kind: Type) -> Value:
    if isinstance(value, str):
        if value == "none":
            if kind.none:
                return NONE
            raise ValueError("this date cannot be none")
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"`{value}` is not a date that exists; write YYYY-MM-DD") from None
    if not isinstance(value, date):
        raise ValueError(f"{_kind(value)} does not fit; expected {describe(kind)}")
    if not 1850 <= value.year <= 2200:
        raise ValueError(f"{value} lies outside the years 1850 to 2200")
    return value


def _read_record(item: Any, kind: Type, n: int) -> dict[str, v.Scalar]:
    if not isinstance(item, Mapping):
        raise ValueError(f"item {n}: a record {{field: value}} is expected, not {_kind(item)}")
    record: dict[str, v.Scalar] = {}
    for name, value in item.items():
        if name not in kind.fields:
            raise ValueError(f"item {n}: unknown field {name}{suggest(str(name), list(kind.fields))}")
        if value is None:
            continue
        try:
            record[name] = read_value(value, kind.fields[name])  # type: ignore[assignment]
        except ValueError as fault:
            raise ValueError(f"item {n}, {name}: {fault}") from None
    return record


def _read_actual(law: Law, data: Mapping[str, Any], fail: Any) -> dict[str, Any]:
    found = data.get("actual") or {}
    if not isinstance(found, Mapping):
        fail(data, "actual", f"actual: a mapping from outcomes to what the authority decided is expected, not {_kind(found)}")
        return {}
    actual: dict[str, Any] = {}
    for key, value in found.items():
        outcome = law.outcomes.get(str(key))
        if outcome is None:
            fail(found, key, f"actual: unknown outcome {key}{suggest(str(key), list(law.outcomes))}")
            continue
        try:
            actual[str(key)] = NONE if value == "not_applicable" else read_value(value, outcome.type)
        except ValueError as fault:
            fail(found, key, f"actual.{key}: {fault}")
    return actual


def _check(case: Case, law: Law, name: str) -> None:
    """Refuse a case in which a constraint of the vocabulary is known to fail."""
    env = _Plain(case.known)
    broken = [c for c in law.constraints if c.must.truth(env) is False]
    if broken:
        prefix = f"{name}: " if name else ""
        raise InputError(*(f"{prefix}{constraint.says.en}{'' if constraint.says.en.endswith('.') else '.'}" for constraint in broken))


class _Plain:
    def __init__(self, known: Mapping[str, Value]) -> None:
        self.known = known

    def get(self, key: str) -> Value:
        return self.known.get(key, UNKNOWN)

    def local(self, name: str) -> Any:
        raise KeyError(name)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = str(value)
    return f"`{text if len(text) <= 70 else text[:67] + '…'}`"
