"""The rules as formulas for z3: the fourth reading. Every fact is taken to be known; what holds is then a matter of logic and whole numbers.

Dates are day numbers, members of enums, sets and countries are propositions, a list holds at most `RECORDS` records. What z3 cannot count (months, years,
working days) is a number with bounds, made exact for the month or day that a model names, until the model is right (`Encoder.solve`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast

import z3

from . import expr as x
from . import values as v
from .expr import Condition, Operand, reading_key
from .model import Law
from .values import NONE, NOT_CODED, Duration, Type, Value

RECORDS = 2
FIRST, LAST = date(1990, 1, 1), date(2034, 12, 31)
ROUNDS, TIMEOUT = 60, 20_000
_MONTH = 30.436875
_OTHERS = ("XX", "XY")


@dataclass(frozen=True)
class Term:
    """A value as formulas: `none` and, by kind, a proposition, a number, a proposition for each member, records, or months and days."""

    kind: str
    none: Any
    body: Any


@dataclass(frozen=True)
class Record:
    """One place in a list: whether it is filled, and the fields."""

    present: Any
    fields: Mapping[str, Term]


@dataclass
class Node:
    """What belongs to one key: its formulas and the keys that these read."""

    reads: set[str] = field(default_factory=set)
    formulas: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """A case that z3 came up with: its facts, and the readings taken in it other than the default ones."""

    facts: dict[str, Value]
    readings: dict[str, str]


@dataclass(frozen=True)
class Counted:
    """A number that z3 does not count itself: the operands, the number, and how to count it."""

    key: str
    args: tuple[Any, ...]
    result: Any
    count: Callable[..., int | bool]
    wide: Callable[..., Any] | None = None


class Encoder:
    """The formulas of one law under whatever readings of its open questions, made when asked for and kept."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.nodes: dict[str, Node] = {}
        self.terms: dict[str, Term] = {}
        self.counted: dict[str, Counted] = {}
        self.uncoded: set[str] = set()
        self._same: dict[tuple[Any, ...], Any] = {}
        self._stack: list[str] = []
        self._countries = sorted({*_countries(law), *_OTHERS})
        self._touching: dict[str, list[int]] = {}
        for n, constraint in enumerate(law.constraints):
            for key in x.refs(constraint.must):
                self._touching.setdefault(key, []).append(n)

    # --- keys

    def _open(self, key: str) -> bool:
        """Note that the key is read; whether it has to be made now."""
        if self._stack:
            self.nodes[self._stack[-1]].reads.add(key)
        if key in self.nodes:
            return False
        self.nodes[key] = Node()
        self._stack.append(key)
        return True

    def _say(self, *formulas: Any) -> None:
        self.nodes[self._stack[-1]].formulas += formulas

    def holds(self, rule: str) -> Any:
        """Whether the condition of a rule holds."""
        name = f"holds {rule}"
        variable = z3.Bool(name)
        if self._open(name):
            self._say(variable == self.truth(self.law.rules[rule].condition, {}))
            self._stack.pop()
        return variable

    def applies(self, rule: str) -> Any:
        """Whether a rule applies: its condition holds and no exception to it applies."""
        name = f"applies {rule}"
        variable = z3.Bool(name)
        if self._open(name):
            others = [z3.Not(self.applies(other)) for other in self.law.exceptions[rule]]
            self._say(variable == z3.And(self.holds(rule), *others))
            self._stack.pop()
        return variable

    def key(self, key: str) -> Term:
        """A fact, derived fact or outcome."""
        made = self._open(key)
        if made:
            if self.law.givers.get(key):
                self.terms[key] = self._outcome(key)
            else:
                self.terms[key] = self._free(key, self.law.types[key])
            self._stack.pop()
        return self.terms[key]

    def reading(self, question: str) -> dict[str, Any]:
        """For each option of an open question whether it is the one taken."""
        name = reading_key(question)
        options = {option: z3.Bool(f"{name} {option}") for option in self.law.questions[question].options}
        if self._open(name):
            self._say(z3.AtMost(*options.values(), 1), z3.Or(*options.values()))
            self._stack.pop()
        return options

    def constraint(self, n: int) -> str:
        """The key under which a constraint on the facts stands."""
        name = f"constraint {n}"
        if self._open(name):
            self._say(self.truth(self.law.constraints[n].must, {}))
            self._stack.pop()
        return name

    def named(self, name: str, condition: Condition) -> str:
        """The key of a condition that stands outside the rules."""
        if self._open(name):
            self._say(z3.Bool(name) == self.truth(condition, {}))
            self._stack.pop()
        return name

    def differ(self, one: Operand, two: Operand) -> tuple[Any, list[str]]:
        """That two operands have different values, and the key under which their own formulas stand."""
        name = f"differ {x.show(one)} | {x.show(two)}"
        variable = z3.Bool(name)
        if self._open(name):
            left, right = self.value(one, {}), self.value(two, {})
            same = z3.Or(z3.And(left.none, right.none), z3.And(z3.Not(left.none), z3.Not(right.none), self._equal(left, right)))
            self._say(variable == z3.Not(same))
            self._stack.pop()
        return variable, [name]

    def _free(self, name: str, kind: Type, *, none: bool | None = None) -> Term:
        """Variables for a value of a type, with what its type says of it."""
        may_be_none = kind.none if none is None else none
        absent = z3.Bool(f"{name} none") if may_be_none else z3.BoolVal(False)
        match kind.kind:
            case "bool":
                return Term("bool", absent, z3.Bool(name))
            case "int":
                number = z3.Int(name)
                self._say(number >= (kind.minimum if kind.minimum is not None else -400), number <= (kind.maximum if kind.maximum is not None else 40_000))
                return Term("int", absent, number)
            case "date":
                number = z3.Int(name)
                self._say(number >= FIRST.toordinal(), number <= LAST.toordinal())
                return Term("date", absent, number)
            case "enum" | "country":
                members = {m: z3.Bool(f"{name} = {m}") for m in self._members(kind)}
                options = list(members.values())
                self._say(z3.AtMost(*options, 1), z3.Or(absent, *options), *(z3.Implies(absent, z3.Not(option)) for option in options))
                return Term("enum", absent, members)
            case "set" | "countries":
                return Term("set", absent, {m: z3.Bool(f"{m} in {name}") for m in self._members(kind)})
            case "text":
                return Term("enum", absent, {})
            case "list":
                records = []
                for n in range(RECORDS):
                    fields = {part: self._free(f"{name}[{n}].{part}", type_) for part, type_ in kind.fields.items()}
                    records.append(Record(z3.Bool(f"{name}[{n}]"), fields))
                self._say(*(z3.Implies(b.present, a.present) for a, b in itertools.pairwise(records)))
                return Term("list", absent, records)
        raise AssertionError(kind)

    def _members(self, kind: Type) -> Iterable[str]:
        return self._countries if kind.kind in ("country", "countries") else kind.values

    def _outcome(self, key: str) -> Term:
        outcome = self.law.outcomes[key]
        rules = self.law.givers[key]
        given = [(self.applies(rule), self._given(rule, key)) for rule in rules]
        if outcome.type.kind == "set":
            members = {m: z3.Bool(f"{m} in {key}") for m in outcome.type.values}
            self._say(*(var == z3.Or(*(z3.And(applies, term.body[m]) for applies, term in given)) for m, var in members.items()))
            return Term("set", z3.BoolVal(False), members)
        fallback = _nothing(outcome.type, self._members) if outcome.default is NONE else self._const(outcome.default, outcome.type)
        return self._named(key, given, fallback)

    def _given(self, rule: str, key: str) -> Term:
        node = self.law.rules[rule].then[key]
        if isinstance(node, x.Const) and node.value_ is NOT_CODED:
            self.uncoded.add(f"applies {rule}")
            return self._free(f"{key} by {rule}", self.law.outcomes[key].type, none=False)
        return self.value(node, {})

    def _named(self, name: str, given: list[tuple[Any, Term]], fallback: Term) -> Term:
        """The value of the first that applies, under variables of its own."""
        kind = fallback.kind
        absent = z3.Bool(f"{name} none")
        self._say(absent == _first([(applies, term.none) for applies, term in given], fallback.none))
        if kind == "enum":
            members = {m: z3.Bool(f"{name} = {m}") for m in fallback.body}
            for m, var in members.items():
                self._say(var == _first([(applies, term.body.get(m, z3.BoolVal(False))) for applies, term in given], fallback.body[m]))
            return Term(kind, absent, members)
        body = z3.Bool(name) if kind == "bool" else z3.Int(name)
        self._say(body == _first([(applies, term.body) for applies, term in given], fallback.body))
        return Term(kind, absent, body)

    # --- values

    def _const(self, value: Value, kind: Type) -> Term:
        no = z3.BoolVal(False)
        if value is NONE:
            return _nothing(kind, self._members)
        if isinstance(value, bool):
            return Term("bool", no, z3.BoolVal(value))
        if isinstance(value, date):
            return Term("date", no, z3.IntVal(value.toordinal()))
        if isinstance(value, int):
            return Term("int", no, z3.IntVal(value))
        if isinstance(value, Duration):
            return Term("duration", no, (z3.IntVal(value.months), z3.IntVal(value.days)))
        if isinstance(value, frozenset):
            return Term("set", no, {m: z3.BoolVal(m in value) for m in {*self._members(kind), *value}})
        return Term("enum", no, {m: z3.BoolVal(m == value) for m in {*self._members(kind), cast(str, value)}})

    def value(self, node: Operand, loop: Mapping[str, Any]) -> Term:
        """A value; `loop` holds the record or member that each loop variable stands for."""
        no = z3.BoolVal(False)
        match node:
            case x.Const(value, kind):
                return self._const(value, kind)
            case x.Ref(key):
                return self.key(key)
            case x.Field(name, attr):
                return cast(Record, loop[name]).fields[attr]
            case x.Member(name, kind):
                return self._const(loop[name], kind)
            case x.TruthOf(condition):
                return Term("bool", no, self.truth(condition, loop))
            case x.Arith(op, left, right):
                return self._arith(op, self.value(left, loop), self.value(right, loop))
            case x.Aggregate():
                return self._aggregate(node, loop)
            case x.Call("listed", args):
                which, on = (self.value(arg, loop) for arg in args)
                assert node.table is not None
                rows = [
                    z3.And(which.body[entry], *([on.body >= start.toordinal()] if start else []), *([on.body <= end.toordinal()] if end else []))
                    for entry, start, end in node.table.entries
                    if entry in which.body
                ]
                return Term("bool", no, z3.And(z3.Not(which.none), z3.Not(on.none), z3.Or(*rows)))
            case x.Call(name, args):
                return self._call(node, name, [self.value(arg, loop) for arg in args])
        raise AssertionError(node)

    def _arith(self, op: str, left: Term, right: Term) -> Term:
        none = z3.Or(left.none, right.none)
        if left.kind == "date" and right.kind == "date":
            return Term("int", none, left.body - right.body)
        if left.kind == "duration" and right.kind == "duration":
            months, days = ((a + b) if op == "+" else (a - b) for a, b in zip(left.body, right.body, strict=True))
            return Term("duration", none, (months, days))
        if left.kind == "date":
            months, days = right.body if op == "+" else (-right.body[0], -right.body[1])
            return Term("date", none, self._shifted(left.body, months) + days)
        ops: dict[str, Callable[[Any, Any], Any]] = {
            "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "//": lambda a, b: a / b, "%": lambda a, b: a % b,
        }  # fmt: skip
        return Term("int", none, ops[op](left.body, right.body))

    def _shifted(self, day: Any, months: Any) -> Any:
        months = z3.simplify(months)
        if z3.is_int_value(months) and months.as_long() == 0:
            return day
        if z3.is_int_value(months):
            n = months.as_long()
            return self._count(
                "months", (day, months), lambda d, m: _shift(d, m), lambda r: (r >= day + int(n * _MONTH) - 4, r <= day + int(n * _MONTH) + 4), _month_wide
            )
        return self._count("months", (day, months), lambda d, m: _shift(d, m), lambda r: (r >= day + 28 * months - 3, r <= day + 31 * months + 3), _month_wide)

    def _count(
        self, name: str, args: tuple[Any, ...], count: Callable[..., int | bool], bounds: Callable[[Any], tuple[Any, ...]],
        wide: Callable[..., Any] | None = None, *, truth: bool = False,
    ) -> Any:  # fmt: skip
        """A number between bounds that is counted exactly only for what a model names."""
        same = (name, *(arg.get_id() for arg in args))
        if same not in self._same:
            key = f"{name} {len(self.counted)}"
            result = z3.Bool(key) if truth else z3.Int(key)
            self.counted[key] = Counted(key, args, result, count, wide)
            self.nodes[key] = Node(reads=set(), formulas=list(bounds(result)))
            self._same[same] = (key, result, args)  # the operands are kept, so that their ids stay theirs
        key, result, _ = self._same[same]
        if self._stack:
            self.nodes[self._stack[-1]].reads.add(key)
        return result

    def _call(self, node: x.Call, name: str, args: list[Term]) -> Term:
        none = z3.Or(*(arg.none for arg in args))
        calendar = node.calendar
        match name:
            case "days":
                return Term("duration", none, (z3.IntVal(0), args[0].body))
            case "weeks":
                return Term("duration", none, (z3.IntVal(0), 7 * args[0].body))
            case "months":
                return Term("duration", none, (args[0].body, z3.IntVal(0)))
            case "years":
                return Term("duration", none, (12 * args[0].body, z3.IntVal(0)))
            case "through":
                months, days = args[1].body
                return Term("date", none, self._shifted(args[0].body, months) + days - 1)
            case "birthday":
                day, years = (arg.body for arg in args)
                return Term(
                    "date",
                    none,
                    self._count(
                        "birthday",
                        (day, years),
                        lambda d, n: v.birthday(_day(d), n).toordinal(),
                        lambda r: (r >= day + 365 * years, r <= day + 366 * years + 1),
                        _birthday_wide,
                    ),
                )
            case "full_years":
                a, b = (arg.body for arg in args)
                return Term(
                    "int",
                    none,
                    self._count(
                        "full_years", (a, b), lambda s, e: v.full_years(_day(s), _day(e)), lambda r: (366 * r <= b - a + 366, 365 * (r + 1) >= b - a - 14)
                    ),
                )
            case "full_months":
                a, b = (arg.body for arg in args)
                return Term(
                    "int",
                    none,
                    self._count(
                        "full_months", (a, b), lambda s, e: v.full_months(_day(s), _day(e)), lambda r: (31 * r <= b - a + 93, 28 * (r + 1) >= (b - a) - 93)
                    ),
                )
            case "next_working_day":
                assert calendar is not None
                day = args[0].body
                return Term(
                    "date",
                    none,
                    self._count(f"working {calendar.id}", (day,), lambda d: calendar.next_working_day(_day(d)).toordinal(), lambda r: (r >= day, r <= day + 6)),
                )
            case "add_working_days":
                assert calendar is not None
                day, n = (arg.body for arg in args)
                return Term(
                    "date",
                    none,
                    self._count(
                        f"add {calendar.id}",
                        (day, n),
                        lambda d, k: calendar.add_working_days(_day(d), k).toordinal(),
                        lambda r: (r >= day, r <= day + 3 * n + 12),
                    ),
                )
            case "is_working_day":
                assert calendar is not None
                return Term(
                    "bool",
                    z3.BoolVal(False),
                    z3.And(
                        z3.Not(none), self._count(f"is {calendar.id}", (args[0].body,), lambda d: calendar.is_working_day(_day(d)), lambda _: (), truth=True)
                    ),
                )
            case "working_days_between":
                assert calendar is not None
                a, b = (arg.body for arg in args)
                return Term(
                    "int",
                    none,
                    self._count(
                        f"between {calendar.id}",
                        (a, b),
                        lambda s, e: calendar.working_days_between(_day(s), _day(e)),
                        lambda r: (r >= 0, r <= z3.If(b > a, b - a, 0)),
                    ),
                )
            case "count":
                inside = args[0].body
                items = [record.present for record in inside] if args[0].kind == "list" else list(inside.values())
                return Term("int", args[0].none, z3.Sum(*(z3.If(item, 1, 0) for item in items)))
            case "earliest" | "latest":
                return _extreme(name, [(z3.Not(arg.none), arg.body) for arg in args])
        raise AssertionError(name)

    def _items(self, source: Operand, name: str, loop: Mapping[str, Any]) -> Iterator[tuple[Any, Mapping[str, Any]]]:
        term = self.value(source, loop)
        if term.kind == "list":
            for record in term.body:
                yield z3.And(record.present, z3.Not(term.none)), {**loop, name: record}
        else:
            for member, inside in term.body.items():
                yield z3.And(inside, z3.Not(term.none)), {**loop, name: member}

    def _aggregate(self, node: x.Aggregate, loop: Mapping[str, Any]) -> Term:
        wanted: list[tuple[Any, Any]] = []
        for inside, inner in self._items(node.source, node.name, loop):
            filtered = z3.And(inside, *([self.truth(node.filter, inner)] if node.filter is not None else []))
            term = self.value(node.term, inner) if node.term is not None else Term("int", z3.BoolVal(False), z3.IntVal(1))
            wanted.append((z3.And(filtered, z3.Not(term.none)), term.body))
        if node.kind in ("earliest", "latest"):
            return _extreme(node.kind, wanted)
        return Term("int", z3.BoolVal(False), z3.Sum(*(z3.If(inside, body, 0) for inside, body in wanted)))

    # --- conditions

    def truth(self, node: Condition, loop: Mapping[str, Any]) -> Any:
        """Whether a condition holds."""
        match node:
            case x.All(parts):
                return z3.And(*(self.truth(part, loop) for part in parts)) if parts else z3.BoolVal(True)
            case x.Any(parts):
                return z3.Or(*(self.truth(part, loop) for part in parts))
            case x.Not(part):
                return z3.Not(self.truth(part, loop))
            case x.AtLeast(n, parts):
                return z3.AtLeast(*(self.truth(part, loop) for part in parts), n)
            case x.Reading(question, option):
                return self.reading(question)[option]
            case x.InForce(by, start, end):
                day = self.key(by.key)
                bounds = [day.body >= start.toordinal()] if start else []
                bounds += [day.body <= end.toordinal()] if end else []
                return z3.And(z3.Not(day.none), *bounds)
            case x.Quantifier(kind, name, source, where, condition):
                found = []
                for inside, inner in self._items(source, name, loop):
                    wanted = z3.And(inside, *([self.truth(where, inner)] if where is not None else []))
                    holds = self.truth(condition, inner)
                    found.append(z3.And(wanted, holds) if kind == "any" else z3.Implies(wanted, holds))
                return (z3.Or if kind == "any" else z3.And)(*found)
            case x.Test(left, op, right):
                return self._test(self.value(left, loop), op, self.value(right, loop))
        raise AssertionError(node)

    def _test(self, left: Term, op: str, right: Term) -> Any:
        both = z3.And(z3.Not(left.none), z3.Not(right.none))
        if op in ("<", "<=", ">", ">="):
            a, b = left.body, right.body
            return z3.And(both, {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op])
        if op == "in":
            if left.kind == "enum":
                return z3.And(z3.Not(left.none), *([z3.Not(right.none)]), z3.Or(*(z3.And(left.body[m], right.body[m]) for m in left.body if m in right.body)))
            raise AssertionError(left)
        if op == "only":
            return z3.And(*(z3.Implies(inside, right.body.get(m, z3.BoolVal(False))) for m, inside in left.body.items()))
        equal = self._equal(left, right)
        return z3.Or(z3.And(left.none, right.none), z3.And(both, equal))

    def _equal(self, left: Term, right: Term) -> Any:
        if left.kind in ("enum", "set") and right.kind == left.kind:
            no = z3.BoolVal(False)
            return z3.And(*(left.body.get(m, no) == right.body.get(m, no) for m in {*left.body, *right.body}))
        if left.body is None or right.body is None:
            return z3.BoolVal(False)
        return left.body == right.body

    # --- solving

    def solve(self, wanted: Any, keys: Iterable[str], right: Callable[[Found], bool], within: Iterable[Any] = ()) -> Found | None:
        """Facts under which a formula holds, or `None` when there are none.

        Args:
            wanted: the formula.
            keys: the keys that it reads.
            right: whether the facts of a model are what is looked for, by the rules themselves; z3 counts months and working days only as far as needed.
            within: further formulas.

        Raises:
            TimeoutError: no answer within the rounds or the time allowed.
        """
        cone = self._cone(keys)
        solver = z3.SolverFor("QF_LIA")
        solver.set("timeout", TIMEOUT)
        solver.add(wanted, *within)
        for key in cone:
            solver.add(*self.nodes[key].formulas)
        counted = [self.counted[key] for key in cone if key in self.counted]
        for _ in range(ROUNDS):
            answer = solver.check()
            if answer == z3.unsat:
                return None
            if answer != z3.sat:
                raise TimeoutError
            model = solver.model()
            found = self._found(cone, model)
            if right(found):
                return found
            lemmas = [lemma for item in counted for lemma in self._wrong(item, model)]
            if not lemmas:  # then a value that is not encoded was made use of
                lemmas = [z3.Not(z3.Bool(key)) for key in cone if key in self.uncoded and z3.is_true(model[z3.Bool(key)])]
            if not lemmas:
                raise TimeoutError
            solver.add(*lemmas)
        raise TimeoutError

    def _cone(self, keys: Iterable[str]) -> list[str]:
        seen: dict[str, None] = {}
        todo = list(keys)
        while todo:
            key = todo.pop()
            if key in seen:
                continue
            seen[key] = None
            todo += self.nodes[key].reads
            if key in self.law.facts:
                todo += [self.constraint(n) for n in self._touching.get(key, ())]
        return list(seen)

    def _wrong(self, item: Counted, model: Any) -> list[Any]:
        """What a model gets wrong about a counted number: the exact number, for a stretch of operands where that can be said."""
        args = [model.eval(arg, model_completion=True).as_long() for arg in item.args]
        found = model.eval(item.result, model_completion=True)
        try:
            exact = item.count(*args)
        except (OverflowError, ValueError):
            return [z3.Or(*(arg != value for arg, value in zip(item.args, args, strict=True)))]
        if (z3.is_true(found) if isinstance(exact, bool) else found.as_long()) == exact:
            return []
        rest = [arg == value for arg, value in zip(item.args[1:], args[1:], strict=True)]
        lemma = item.wide(item.args[0], item.result, *args) if item.wide else z3.Implies(item.args[0] == args[0], item.result == exact)
        lemma = z3.Implies(z3.And(*rest), lemma) if rest else lemma
        self.nodes[item.key].formulas.append(lemma)
        return [lemma]

    def _found(self, cone: Iterable[str], model: Any) -> Found:
        """The facts of a model as a case has them, and the readings that are not the default ones."""
        facts: dict[str, Value] = {}
        readings: dict[str, str] = {}
        for question in self.law.questions.values():
            if reading_key(question.id) in cone:
                options = self.reading(question.id).items()
                taken = next((option for option, var in options if z3.is_true(model.eval(var, model_completion=True))), question.default)
                if taken != question.default:
                    readings[question.id] = taken
        for key in cone:
            if key in self.law.types and key in self.terms and not self.law.givers.get(key):
                facts[key] = _read(self.terms[key], self.law.types[key], model)
        return Found(facts, readings)


def _read(term: Term, kind: Type, model: Any) -> Value:
    def true(formula: Any) -> bool:
        return bool(z3.is_true(model.eval(formula, model_completion=True)))

    if true(term.none):
        return NONE
    match kind.kind:
        case "bool":
            return true(term.body)
        case "int" | "date":
            number = model.eval(term.body, model_completion=True).as_long()
            return number if kind.kind == "int" else _day(number)
        case "enum" | "country":
            return next((m for m, inside in term.body.items() if true(inside)), NONE)
        case "set" | "countries":
            return frozenset(m for m, inside in term.body.items() if true(inside))
    records = [record for record in term.body if true(record.present)]
    return tuple({name: _read(part, kind.fields[name], model) for name, part in record.fields.items()} for record in records)  # type: ignore[misc]


def _nothing(kind: Type, members: Callable[[Type], Iterable[str]]) -> Term:
    """No value: not applicable, or a date that is known not to be."""
    yes, no = z3.BoolVal(True), z3.BoolVal(False)
    match kind.kind:
        case "bool":
            return Term("bool", yes, no)
        case "int" | "date":
            return Term(kind.kind, yes, z3.IntVal(0))
        case "set" | "countries":
            return Term("set", yes, dict.fromkeys(members(kind), no))
    return Term("enum", yes, dict.fromkeys(members(kind), no))


def _first(given: list[tuple[Any, Any]], fallback: Any) -> Any:
    """The first value of which the condition holds."""
    result = fallback
    for applies, body in reversed(given):
        result = z3.If(applies, body, result)
    return result


def _extreme(name: str, dates: list[tuple[Any, Any]]) -> Term:
    """The earliest or latest of those dates that are there."""
    none, body = z3.BoolVal(True), z3.IntVal(0)
    for there, day in dates:
        better = day < body if name == "earliest" else day > body
        body = z3.If(z3.And(there, z3.Or(none, better)), day, body)
        none = z3.And(none, z3.Not(there))
    return Term("date", none, body)


def _day(number: int) -> date:
    return date.fromordinal(number)


def _shift(day: int, months: int) -> int:
    return v.shift(_day(day), Duration(months)).toordinal()


def _month_of(day: int) -> tuple[int, int]:
    """The first and the last day of the month of a day."""
    first = _day(day).replace(day=1)
    return first.toordinal(), (v.shift(first, Duration(1)) - timedelta(days=1)).toordinal()


def _month_wide(day: Any, result: Any, at: int, months: int) -> Any:
    """Months added, exact for each day of the month in which `at` lies."""
    first, last = _month_of(at)
    start, end = _month_of(_shift(first, months))
    moved = day - first + start
    return z3.Implies(z3.And(day >= first, day <= last), result == z3.If(moved > end, end, moved))


def _birthday_wide(day: Any, result: Any, at: int, years: int) -> Any:
    first, last = _month_of(at)
    start = v.birthday(_day(first), years).toordinal()
    return (
        z3.Implies(z3.And(day >= first, day <= min(last, first + 27)), result == day - first + start)
        if at - first <= 27
        else z3.Implies(day == at, result == v.birthday(_day(at), years).toordinal())
    )


def _countries(law: Law) -> Iterator[str]:
    """The countries that any rule, table or constraint names."""

    def walk(node: Condition | Operand) -> Iterator[str]:
        if isinstance(node, x.Const) and node.type.kind in ("country", "countries"):
            yield from node.value_ if isinstance(node.value_, frozenset) else [node.value_] if isinstance(node.value_, str) else []
        if isinstance(node, x.Call) and node.table is not None:
            yield from (entry for entry, _, _ in node.table.entries if len(entry) == 2 and entry.isupper())
        for child in x.children(node):
            yield from walk(child)

    for rule in law.rules.values():
        for node in (rule.condition, *rule.then.values()):
            yield from walk(node)
    for constraint in law.constraints:
        yield from walk(constraint.must)
