"""Random cases for hypothesis: well-typed and partly unknown, for any law."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from grondslag import Law
from grondslag.values import NONE, Type, Value

BASE = date(2011, 12, 31)
LAST = date(2026, 11, 21)
COUNTRIES = ("NL", "DE", "PL", "GB", "NO", "CH", "SY", "MA", "GE", "AA", "BB")


def dates(law: Law) -> st.SearchStrategy[date]:
    """Dates in the encoded span, many of them on or beside a boundary of some rule."""
    edges = sorted({day for rule in law.rules.values() for day in rule.period if day is not None})
    near = [edge + timedelta(days=n) for edge in edges for n in (-1, 0, 1) if BASE <= edge + timedelta(days=n) <= LAST]
    return st.one_of(st.sampled_from(near or [BASE]), st.dates(BASE, LAST))


def value(law: Law, kind: Type) -> st.SearchStrategy[Any]:
    """Values of a type."""
    match kind.kind:
        case "bool":
            return st.booleans()
        case "enum":
            return st.sampled_from(kind.values)
        case "set":
            return st.frozensets(st.sampled_from(kind.values), max_size=4)
        case "int":
            low = kind.minimum if kind.minimum is not None else 0
            high = kind.maximum if kind.maximum is not None else low + 400
            return st.one_of(st.integers(low, high), st.sampled_from([n for n in (0, 1, 3, 4, 89, 90, 91, 179, 180, 181) if low <= n <= high] or [low]))
        case "date":
            return st.one_of(dates(law), st.just(NONE)) if kind.none else dates(law)
        case "country":
            return st.sampled_from(COUNTRIES)
        case "countries":
            return st.frozensets(st.sampled_from(COUNTRIES), max_size=2)
        case "list":
            fields = {name: value(law, inner) for name, inner in kind.fields.items()}
            return st.lists(st.fixed_dictionaries({}, optional=fields), max_size=2).map(tuple)
    return st.just("x")


def read_keys(law: Law) -> list[str]:
    """The facts that some rule reads, without those that rules give too."""
    from grondslag.expr import refs

    found: set[str] = set()
    for rule in law.rules.values():
        found |= {key for key in refs(rule.condition) if key in law.facts}
        for node in (*rule.then.values(), *rule.may.values()):
            found |= {key for key in refs(node) if key in law.facts}
    return sorted(found - {"case.reference_date"} - set(law.outcomes))


@st.composite
def known(draw: st.DrawFn, law: Law, keys: Iterable[str] | None = None, density: int = 8) -> dict[str, Value]:
    """Known facts: a reference date, and of each other fact with a chance of `density` in ten a value."""
    facts: dict[str, Value] = {"case.reference_date": draw(dates(law))}
    for key in sorted(keys if keys is not None else read_keys(law)):
        if draw(st.integers(1, 10)) <= density:
            facts[key] = draw(value(law, law.types[key]))
    return facts
