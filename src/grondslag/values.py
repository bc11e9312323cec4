"""Values, types and three-valued logic.

A truth value is `True`, `False` or `None` (unknown): Kleene's strong logic. A value is a bool, an int, a date, a text (also an enum
member or a country), a frozenset of texts, a tuple of records, `NONE` (a date known not to be) or `UNKNOWN`.
A rule may also give `NOT_CODED`: the law has an answer that is not encoded.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import Final, TypeAlias


class _Marker(Enum):
    UNKNOWN = "unknown"
    NONE = "none"
    NOT_ENCODED = "not_encoded"

    def __repr__(self) -> str:
        return self.name

    def __bool__(self) -> bool:
        raise TypeError("an unknown or absent value is neither true nor false; compare it with `is`")


UNKNOWN: Final = _Marker.UNKNOWN
NONE: Final = _Marker.NONE
NOT_CODED: Final = _Marker.NOT_ENCODED

Truth: TypeAlias = bool | None


@dataclass(frozen=True)
class Duration:
    """A length of time in calendar units: whole months and days (a year is twelve months, a week seven days)."""

    months: int = 0
    days: int = 0

    def __neg__(self) -> Duration:
        return Duration(-self.months, -self.days)


Scalar: TypeAlias = bool | int | date | str | frozenset[str] | Duration | _Marker
Record: TypeAlias = Mapping[str, Scalar]
Value: TypeAlias = Scalar | tuple[Record, ...]

KINDS: Final = frozenset({"bool", "enum", "set", "int", "date", "country", "countries", "text", "list", "duration"})


@dataclass(frozen=True)
class Type:
    """The type of a fact or of an expression. `values` are the members of an enum or set; `fields` those of a list's records."""

    kind: str
    values: tuple[str, ...] = ()
    unit: str | None = None
    none: bool = False
    minimum: int | None = None
    maximum: int | None = None
    fields: Mapping[str, Type] = field(default_factory=dict)

    @property
    def element(self) -> Type:
        """The type of one member of a set of this type."""
        return Type("country") if self.kind == "countries" else Type("enum", self.values)


BOOL: Final = Type("bool")
INT: Final = Type("int")
DAYS: Final = Type("int", unit="days")
DATE: Final = Type("date", none=True)
DURATION: Final = Type("duration")


def and3(truths: Iterable[Truth]) -> Truth:
    """Kleene's conjunction: false if one is false, else unknown if one is unknown."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def or3(truths: Iterable[Truth]) -> Truth:
    """Kleene's disjunction: true if one is true, else unknown if one is unknown."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def not3(truth: Truth) -> Truth:
    """Kleene's negation."""
    return None if truth is None else not truth


def at_least3(n: int, truths: Iterable[Truth]) -> Truth:
    """True when `n` are true for certain, false when `n` cannot be reached."""
    known = list(truths)
    certain = sum(t is True for t in known)
    possible = certain + sum(t is None for t in known)
    return True if certain >= n else False if possible < n else None


def shift(day: date, by: Duration) -> date:
    """`day` moved by whole months, then by days. Months keep the day number, or take the last day of a shorter month.

    Raises:
        OverflowError: the result lies outside the years 1 to 9999.
    """
    index = day.year * 12 + day.month - 1 + by.months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(f"{day} moved by {by.months} months leaves the calendar")
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)) + timedelta(days=by.days)


def birthday(born: date, years: int) -> date:
    """The day on which somebody becomes so many years old; born on 29 February: 1 March in other years.

    Raises:
        OverflowError: the result lies outside the years 1 to 9999.
    """
    day = shift(born, Duration(12 * years))
    return day if day.day == born.day else day + timedelta(days=1)


def full_months(start: date, end: date) -> int:
    """Whole months from `start` to `end`, in days of the month; negative when `end` lies before `start`."""
    if end < start:
        return -full_months(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if shift(start, Duration(months)) <= end else months - 1


def full_years(start: date, end: date) -> int:
    """Whole years from `start` to `end`. A year is reached on the same day; 29 February counts as 1 March in other years."""
    years = end.year - start.year
    return years if (end.month, end.day) >= (start.month, start.day) else years - 1
