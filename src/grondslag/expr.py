"""The expression language: what a condition or a value in a rule can say. Parsed by `parse`, read by `decide`, `explain`, `batch` and `prove`.

Operands have a value, conditions a truth. Both are small frozen trees; nothing here knows the law.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeAlias, cast

from . import values as v
from .calendars import Calendar
from .values import NONE, NOT_CODED, UNKNOWN, Duration, Record, Truth, Type, Value


class Env(Protocol):
    """Where an expression finds its values."""

    def get(self, key: str) -> Value:
        """The value of a fact, derived fact or outcome, `UNKNOWN` when nobody knows."""
        ...

    def local(self, name: str) -> Record | str:
        """The record or member that a loop variable stands for."""
        ...


@dataclass(frozen=True, slots=True)
class Loop:
    """An environment inside `… for name in …`."""

    outer: Env
    name: str
    item: Record | str

    def get(self, key: str) -> Value:
        return self.outer.get(key)

    def local(self, name: str) -> Record | str:
        return self.item if name == self.name else self.outer.local(name)


@dataclass(frozen=True, slots=True)
class Table:
    """A dated list: which values stand in it on a day."""

    id: str
    title: tuple[str, str]
    entries: tuple[tuple[str, date | None, date | None], ...]

    def lists(self, value: str, on: date) -> bool:
        return any(value == entry and (start is None or start <= on) and (end is None or on <= end) for entry, start, end in self.entries)


# --- operands ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Const:
    value_: Value
    type: Type

    def value(self, _env: Env) -> Value:
        return self.value_


@dataclass(frozen=True, slots=True)
class Ref:
    key: str
    type: Type

    def value(self, env: Env) -> Value:
        return env.get(self.key)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the record that a loop variable stands for."""

    name: str
    field: str
    type: Type

    def value(self, env: Env) -> Value:
        record = env.local(self.name)
        return record.get(self.field, UNKNOWN) if not isinstance(record, str) else UNKNOWN


@dataclass(frozen=True, slots=True)
class Member:
    """The member of a set that a loop variable stands for."""

    name: str
    type: Type

    def value(self, env: Env) -> Value:
        item = env.local(self.name)
        return item if isinstance(item, str) else UNKNOWN


@dataclass(frozen=True, slots=True)
class Arith:
    """`+ - * // %` on integers, and `+ -` on dates and durations."""

    op: str
    left: Operand
    right: Operand
    type: Type

    def value(self, env: Env) -> Value:
        left, right = self.left.value(env), self.right.value(env)
        if left is NONE or right is NONE:
            return NONE
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        return arithmetic(self.op, left, right)


def arithmetic(op: str, left: Value, right: Value) -> Value:
    """One step of arithmetic on known values; a result outside the calendar is unknown."""
    try:
        if isinstance(left, date):
            if isinstance(right, date):
                return (left - right).days
            duration = cast(Duration, right)
            return v.shift(left, duration if op == "+" else -duration)
        if isinstance(left, Duration) and isinstance(right, Duration):
            step = right if op == "+" else -right
            return Duration(left.months + step.months, left.days + step.days)
        a, b = cast(int, left), cast(int, right)
        if op == "+":
            return a + b
        if op == "-":
            return a - b
        if op == "*":
            return a * b
        return UNKNOWN if b == 0 else a // b if op == "//" else a % b
    except OverflowError:
        return UNKNOWN


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language applied to operands. `table` and `calendar` are bound when the rule is loaded."""

    name: str
    args: tuple[Operand, ...]
    type: Type
    table: Table | None = None
    calendar: Calendar | None = field(default=None, compare=False)

    def value(self, env: Env) -> Value:
        args = [arg.value(env) for arg in self.args]
        if self.name in ("earliest", "latest"):
            return extreme(self.name, args)
        if NONE in args:
            return False if self.type.kind == "bool" else NONE
        if UNKNOWN in args:
            return UNKNOWN
        try:
            return self._known(args)
        except OverflowError:
            return UNKNOWN

    def _known(self, args: list[Value]) -> Value:
        match self.name, args:
            case "days", [int(n)]:
                return Duration(days=n)
            case "weeks", [int(n)]:
                return Duration(days=7 * n)
            case "months", [int(n)]:
                return Duration(months=n)
            case "years", [int(n)]:
                return Duration(months=12 * n)
            case "through", [date() as start, Duration() as length]:
                return v.shift(v.shift(start, length), Duration(days=-1))
            case "birthday", [date() as born, int(n)]:
                return v.birthday(born, n)
            case "full_years", [date() as start, date() as end]:
                return v.full_years(start, end)
            case "full_months", [date() as start, date() as end]:
                return v.full_months(start, end)
            case "next_working_day", [date() as day]:
                assert self.calendar is not None
                return self.calendar.next_working_day(day)
            case "add_working_days", [date() as day, int(n)]:
                assert self.calendar is not None
                return self.calendar.add_working_days(day, n)
            case "is_working_day", [date() as day]:
                assert self.calendar is not None
                return self.calendar.is_working_day(day)
            case "working_days_between", [date() as start, date() as end]:
                assert self.calendar is not None
                return self.calendar.working_days_between(start, end)
            case "listed", [str(value), date() as on]:
                assert self.table is not None
                return self.table.lists(value, on)
            case "count", [frozenset() | tuple() as members]:
                return len(members)
        raise AssertionError(f"no function {self.name} for {args}")


def extreme(name: str, args: list[Value]) -> Value:
    """The earliest or latest of dates. `none` is skipped; one unknown makes the result unknown; no date at all is `none`."""
    if UNKNOWN in args:
        return UNKNOWN
    dates = [arg for arg in args if isinstance(arg, date)]
    if not dates:
        return NONE
    return min(dates) if name == "earliest" else max(dates)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`sum`, `count`, `earliest` or `latest` over the records of a list or the members of a set."""

    kind: str
    name: str
    source: Operand
    filter: Condition | None
    term: Operand | None
    type: Type

    def value(self, env: Env) -> Value:
        items = iterate(self.source, self.name, env)
        if items is None:
            return UNKNOWN
        terms: list[Value] = []
        for inner in items:
            wanted = True if self.filter is None else self.filter.truth(inner)
            if wanted is None:
                return UNKNOWN
            if wanted:
                terms.append(1 if self.term is None else self.term.value(inner))
        if self.kind in ("earliest", "latest"):
            return extreme(self.kind, terms)
        if any(term is UNKNOWN or term is NONE for term in terms):
            return UNKNOWN
        return sum(cast(list[int], terms))


def iterate(source: Operand, name: str, env: Env) -> list[Loop] | None:
    """One environment for each item of a list or set, in a fixed order; `None` when the list is unknown."""
    items = source.value(env)
    if isinstance(items, frozenset):
        return [Loop(env, name, member) for member in sorted(items)]
    if isinstance(items, tuple):
        return [Loop(env, name, record) for record in items]
    return None


@dataclass(frozen=True, slots=True)
class TruthOf:
    """The truth of a condition as a bool value (for a bool outcome)."""

    condition: Condition
    type: Type = v.BOOL

    def value(self, env: Env) -> Value:
        truth = self.condition.truth(env)
        return UNKNOWN if truth is None else truth


Operand: TypeAlias = Const | Ref | Field | Member | Arith | Call | Aggregate | TruthOf


# --- conditions -------------------------------------------------------------------------------------------------

_ORDER: dict[str, Callable[[int, int], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison: `== < <= > >=` on scalars, `in` of a value in a set or list of values, `only` (subset) on sets."""

    left: Operand
    op: str
    right: Operand

    def truth(self, env: Env) -> Truth:
        return compare(self.left.value(env), self.op, self.right.value(env))


def compare(left: Value, op: str, right: Value) -> Truth:
    """The truth of one comparison. An order comparison with `none` on a side is false whatever the other is."""
    if op in _ORDER:
        if left is NONE or right is NONE:
            return False
        if left is UNKNOWN or right is UNKNOWN:
            return None
        return _ORDER[op](ordinal(left), ordinal(right))
    if left is UNKNOWN or right is UNKNOWN:
        return None
    if op == "==":
        return left == right
    nothing: frozenset[str] = frozenset()
    members = nothing if right is NONE else cast("frozenset[str]", right)
    if op == "in":
        return left in members
    return (nothing if left is NONE else cast("frozenset[str]", left)) <= members


def ordinal(value: Value) -> int:
    """An integer that orders like the value: the number itself, or the day number of a date."""
    return value.toordinal() if isinstance(value, date) else cast(int, value)


@dataclass(frozen=True, slots=True)
class Quantifier:
    """`any` or `all` over the records of a list or the members of a set."""

    kind: str
    name: str
    source: Operand
    filter: Condition | None
    condition: Condition

    def truth(self, env: Env) -> Truth:
        items = iterate(self.source, self.name, env)
        if items is None:
            return None
        if self.kind == "any":
            return v.or3(v.and3((self._wanted(i), self.condition.truth(i))) for i in items)
        return v.and3(v.or3((v.not3(self._wanted(i)), self.condition.truth(i))) for i in items)

    def _wanted(self, env: Env) -> Truth:
        return True if self.filter is None else self.filter.truth(env)


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]

    def truth(self, env: Env) -> Truth:
        return v.and3(part.truth(env) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple[Condition, ...]

    def truth(self, env: Env) -> Truth:
        return v.or3(part.truth(env) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition

    def truth(self, env: Env) -> Truth:
        return v.not3(self.part.truth(env))


@dataclass(frozen=True, slots=True)
class AtLeast:
    n: int
    parts: tuple[Condition, ...]

    def truth(self, env: Env) -> Truth:
        return v.at_least3(self.n, (part.truth(env) for part in self.parts))


@dataclass(frozen=True, slots=True)
class InForce:
    """The period of a rule's version, measured by a date."""

    by: Ref
    start: date | None
    end: date | None

    def truth(self, env: Env) -> Truth:
        day = self.by.value(env)
        if day is UNKNOWN:
            return None
        if not isinstance(day, date):
            return False
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Reading:
    """True when a contested question is read in one way. Always known: it is chosen, not found."""

    question: str
    option: str

    def truth(self, env: Env) -> Truth:
        return env.get(reading_key(self.question)) == self.option


def reading_key(question: str) -> str:
    """The key under which an environment holds the chosen option of a question (`set.question`)."""
    return f"reading:{question}"


Condition: TypeAlias = Test | Quantifier | All | Any | Not | AtLeast | InForce | Reading
ALWAYS = All(())


def children(node: Condition | Operand) -> Iterator[Condition | Operand]:
    """The nodes directly below a node."""
    match node:
        case Test(left, _, right) | Arith(_, left, right):
            yield left
            yield right
        case Quantifier(_, _, source, filter, condition):
            yield source
            if filter is not None:
                yield filter
            yield condition
        case Aggregate(_, _, source, filter, term):
            yield source
            if filter is not None:
                yield filter
            if term is not None:
                yield term
        case All(parts) | Any(parts) | AtLeast(_, parts):
            yield from parts
        case Not(part):
            yield part
        case InForce(by):
            yield by
        case TruthOf(condition):
            yield condition
        case Call():
            yield from node.args
        case _:
            return


def refs(node: Condition | Operand) -> Iterator[str]:
    """The keys a node reads, in order, with repeats."""
    if isinstance(node, Ref):
        yield node.key
    for child in children(node):
        yield from refs(child)


def show(node: Condition | Operand) -> str:
    """A node as one line of the language (canonical: equal texts mean equal nodes)."""
    match node:
        case Const(value):
            return show_value(value)
        case Ref(key):
            return key
        case Field(name, attr):
            return f"{name}.{attr}"
        case Member(name):
            return name
        case Arith(op, left, right):
            return f"({show(left)} {op} {show(right)})"
        case Call():
            args = ", ".join(show(arg) for arg in node.args)
            return f"{node.name}({node.table.id + ', ' if node.table else ''}{args})"
        case Aggregate(kind, name, source, where, term):
            head = show(term) if term is not None else name
            return f"{kind}({head} for {name} in {show(source)}{f' if {show(where)}' if where is not None else ''})"
        case TruthOf(condition):
            return show(condition)
        case Test(left, "only", right):
            return f"{show(left)} <= {show(right)}"
        case Test(left, "==", Const(True)):
            return show(left)
        case Test(left, "in", Const(frozenset() as members)):
            return f"{show(left)} in [{', '.join(sorted(members))}]"
        case Test(left, op, right):
            return f"{show(left)} {op} {show(right)}"
        case Quantifier(kind, name, source, where, condition):
            return f"{kind}({show(condition)} for {name} in {show(source)}{f' if {show(where)}' if where is not None else ''})"
        case All(parts):
            return "(" + " and ".join(show(part) for part in parts) + ")" if parts else "always"
        case Any(parts):
            return "(" + " or ".join(show(part) for part in parts) + ")"
        case Not(part):
            return f"not {show(part)}"
        case AtLeast(n, parts):
            return f"at_least {n} of ({', '.join(show(part) for part in parts)})"
        case InForce(by, start, end):
            return f"{start or '...'} <= {by.key} <= {end or '...'}"
        case Reading(question, option):
            return f"reading {question} is {option}"
    raise AssertionError(node)


def show_value(value: Value) -> str:
    """A value as it is written in an expression."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(value)) + "}"
    if value is NONE or value is UNKNOWN or value is NOT_CODED:
        return value.value
    return str(value)
