"""The first reading of the rules: durable-rules (Rete). Comparisons and logic are compiled to it; this module only measures operands and resolves exceptions.

What keeps durable-rules safe is fixed here: one host for each law, no dispatcher threads, one session for each case that is always deleted, a sentinel
rule so that the session always exists, small shards, actions of one parameter. The numbers are limits of version 2.0.28 (see docs/decisions.md).
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .errors import InputError
from .explain import (
    DETERMINED,
    NOT_APPLICABLE,
    NOT_ENCODED,
    UNDETERMINED,
    Result,
    check_conflict,
    default_readings,
    shown,
)
from .expr import All, AtLeast, Condition, Const, Env, InForce, Not, Operand, Reading, Test, ordinal, reading_key, show
from .expr import Any as AnyOf
from .model import Law, Outcome
from .values import NONE, NOT_CODED, UNKNOWN, Truth, Value

_RULES_PER_SHARD = 15
_TESTS_PER_SHARD = 56
_TERMS_PER_CONDITION = 28
_COMBINATIONS = 40
_FAR = 2**40
_FLIP = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NAME = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


# --- from a condition to tests on properties ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One test on one property of the message: `property op constant`."""

    property: str
    op: str
    constant: str | int

    def test(self, *, holds: bool) -> dict[str, Any]:
        if self.op == "==":
            return {self.property: self.constant} if holds else {"$neq": {self.property: self.constant}}
        return {_NAME[self.op if holds else _FLIP[self.op]]: {self.property: self.constant}}


@dataclass(frozen=True, slots=True)
class _Group:
    """`and` or `or` of leaves and groups; a leaf may be negated."""

    all: bool
    parts: tuple[tuple[_Leaf, bool] | _Group, ...]

    def size(self) -> int:
        """Terms in the form that asks whether the condition may hold: a leaf is two tests and their `or`, a group one more."""
        return 1 + sum(part.size() if isinstance(part, _Group) else 3 for part in self.parts)


@dataclass(slots=True)
class _Compiled:
    """A condition as a group of leaves, evaluated in a stage of a level. `part` names a piece of a longer condition."""

    name: str
    level: int
    stage: int
    group: _Group


Measure = Callable[[Env], Value]


@dataclass
class _Compiler:
    measures: dict[str, Measure] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    compiled: list[_Compiled] = field(default_factory=list)
    counter: Iterator[int] = field(default_factory=itertools.count)

    def add(self, name: str, level: int, condition: Condition) -> None:
        group = self.group(condition, positive=True)
        stage, group = self.split(group, level)
        self.compiled.append(_Compiled(name, level, stage, group))

    def split(self, group: _Group, level: int) -> tuple[int, _Group]:
        """The group made small enough for one condition: its pieces become conditions of an earlier stage."""
        stage = 0
        parts: list[tuple[_Leaf, bool] | _Group] = []
        for part in group.parts:
            if isinstance(part, _Group) and group.size() > _TERMS_PER_CONDITION:
                inner, part = self.split(part, level)
                stage = max(stage, inner + 1)
                parts.append((self.piece(part, level, inner), True))
            else:
                parts.append(part)
        while _Group(group.all, tuple(parts)).size() > _TERMS_PER_CONDITION:
            most = _TERMS_PER_CONDITION // 3
            chunks = [parts[i : i + most] for i in range(0, len(parts), most)]
            parts = [(self.piece(_Group(group.all, tuple(chunk)), level, stage), True) for chunk in chunks]
            stage += 1
        return stage, _Group(group.all, tuple(parts))

    def piece(self, group: _Group, level: int, stage: int) -> _Leaf:
        name = f"s{next(self.counter)}"
        self.compiled.append(_Compiled(name, level, stage, group))
        return _Leaf(name, "==", "t")

    def group(self, node: Condition, *, positive: bool) -> _Group:
        part = self.part(node, positive=positive)
        return part if isinstance(part, _Group) else _Group(True, (part,))

    def part(self, node: Condition, *, positive: bool) -> tuple[_Leaf, bool] | _Group:
        match node:
            case All(parts):
                return _Group(positive, tuple(self.part(part, positive=positive) for part in parts))
            case AnyOf(parts):
                return _Group(not positive, tuple(self.part(part, positive=positive) for part in parts))
            case Not(part):
                return self.part(part, positive=not positive)
            case AtLeast(n, parts) if math.comb(len(parts), n) <= _COMBINATIONS:
                return self.part(AnyOf(tuple(All(some) for some in itertools.combinations(parts, n))), positive=positive)
            case InForce(by, start, end):
                tests: list[Condition] = []
                if start is not None:
                    tests.append(Test(by, ">=", Const(start, by.type)))
                if end is not None:
                    tests.append(Test(by, "<=", Const(end, by.type)))
                return self.part(All(tuple(tests)), positive=positive)
            case Reading(question, option):
                key = reading_key(question)
                return _Leaf(self.property(f"reading {question}", lambda env: env.get(key)), "==", option), positive
            case Test(left, op, right) if op in _NAME:
                return self.order(left, op, right), positive
            case Test(left, "==", Const(value, kind)) if kind.kind not in ("set", "countries", "list"):
                return _Leaf(self.property(show(left), left.value), "==", _text(value)), positive
        # membership, subsets, quantifiers: measured as a truth
        return _Leaf(self.property(f"truth {show(node)}", _truth(node)), "==", "t"), positive

    def order(self, left: Operand, op: str, right: Operand) -> _Leaf:
        if isinstance(left, Const):
            left, op, right = right, _MIRROR[op], left
        # `none` makes every order comparison false: it is measured as far beyond the bound, on the side that fails
        far = _FAR if op in ("<", "<=") else -_FAR
        if isinstance(right, Const):
            bound = ordinal(right.value_)
            return _Leaf(self.property(f"{op[0]} {show(left)}", _number(left, far)), op, bound)
        return _Leaf(self.property(f"{op[0]} {show(left)} - {show(right)}", _difference(left, right, far)), op, 0)

    def property(self, text: str, measure: Measure) -> str:
        if text not in self.names:
            self.names[text] = f"p{len(self.names)}"
            self.measures[self.names[text]] = measure
        return self.names[text]


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, date):
        return value.isoformat()
    return "-" if value is NONE else str(value)


def _truth(node: Condition) -> Measure:
    def measure(env: Env) -> Value:
        truth = node.truth(env)
        return UNKNOWN if truth is None else truth

    return measure


def _number(operand: Operand, far: int) -> Measure:
    def measure(env: Env) -> Value:
        value = operand.value(env)
        return far if value is NONE else value if value is UNKNOWN else ordinal(value)

    return measure


def _difference(left: Operand, right: Operand, far: int) -> Measure:
    def measure(env: Env) -> Value:
        a, b = left.value(env), right.value(env)
        if a is NONE or b is NONE:
            return far
        return UNKNOWN if a is UNKNOWN or b is UNKNOWN else ordinal(a) - ordinal(b)

    return measure


# --- shards -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Shard:
    name: str
    properties: tuple[str, ...]
    conditions: tuple[_Compiled, ...]


def _leaves(group: _Group) -> Iterator[_Leaf]:
    for part in group.parts:
        if isinstance(part, _Group):
            yield from _leaves(part)
        else:
            yield part[0]


def _written(group: _Group, *, possible: bool) -> dict[str, Any]:
    """The group as durable-rules reads it; `possible` also accepts an unknown property (marked by a property of its own, with a `u` behind its name)."""
    parts: list[dict[str, Any]] = []
    for part in group.parts:
        if isinstance(part, _Group):
            parts.append(_written(part, possible=possible))
        else:
            leaf, positive = part
            test = leaf.test(holds=positive)
            parts.append({"$or": [test, {f"{leaf.property}u": 1}]} if possible else test)
    if not parts:
        return {"always": 1} if group.all else {"never": 1}
    return parts[0] if len(parts) == 1 else {"$and" if group.all else "$or": parts}


def _packed(conditions: list[_Compiled]) -> Iterator[list[_Compiled]]:
    """Conditions in shards that stay within the limits of durable-rules."""
    shard: list[_Compiled] = []
    tests: set[tuple[str, str, str | int]] = set()
    for condition in conditions:
        wanted = {(leaf.property, leaf.op, leaf.constant) for leaf in _leaves(condition.group)}
        wanted |= {(leaf.property, "?", 1) for leaf in _leaves(condition.group)}
        if shard and (len(shard) >= _RULES_PER_SHARD or len(tests | wanted) > _TESTS_PER_SHARD):
            yield shard
            shard, tests = [], set()
        shard.append(condition)
        tests |= wanted
    if shard:
        yield shard


class _Fired(threading.local):
    """What fired for the case that this thread is deciding."""

    def __init__(self) -> None:
        self.names: set[str] = set()


class Engine:
    """The rules of one law compiled to durable-rules. Made once for each law and kept: rule sets are never freed by the C code."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self._fired = _Fired()
        self._sids = itertools.count()
        compiler = _Compiler()
        for rule in law.rules.values():
            compiler.add(rule.id, law.levels[f"rule {rule.id}"], rule.condition)
        self._measures = compiler.measures
        self._stages: dict[int, dict[int, list[_Shard]]] = {}
        definitions: dict[str, Any] = {}
        keyed = sorted(compiler.compiled, key=lambda c: (c.level, c.stage))
        for (level, stage), group in itertools.groupby(keyed, key=lambda c: (c.level, c.stage)):
            for conditions in _packed(list(group)):
                shard = self._shard(f"shard{len(definitions)}", conditions, definitions)
                self._stages.setdefault(level, {}).setdefault(stage, []).append(shard)
        self._host = _host(definitions)
        self._levels = sorted({*self._stages, *law.levels.values()})
        self._by_level: dict[int, list[str]] = {}
        for key in law.order:
            self._by_level.setdefault(law.levels[key], []).append(key)

    def _shard(self, name: str, conditions: list[_Compiled], definitions: dict[str, Any]) -> _Shard:
        rules: dict[str, Any] = {"sentinel": {"all": [{"m": {"always": 1}}], "run": self._action("")}}
        for n, condition in enumerate(conditions):
            for mark, possible in (("h", False), ("p", True)):
                written = _written(condition.group, possible=possible)
                rules[f"{mark}{n}"] = {"all": [{"m": written}], "run": self._action(f"{mark}{n}")}
        definitions[name] = rules
        properties = sorted({leaf.property for c in conditions for leaf in _leaves(c.group)})
        return _Shard(name, tuple(properties), tuple(conditions))

    def _action(self, name: str) -> Callable[[Any], None]:
        fired = self._fired

        def action(_: Any) -> None:
            fired.names.add(name)

        return action

    def decide(self, known: Mapping[str, Value], readings: Mapping[str, str] | None = None) -> Decided:
        """Truth of each rule and result of each outcome for the known facts.

        Raises:
            ConflictError: two rules that both apply give one outcome different values.
            InputError: the case states another value than the rules give.
        """
        run = Decided(self.law, known, readings or {})
        sent: dict[str, Value] = {}
        for level in self._levels:
            for stage in sorted(self._stages.get(level, {})):
                for shard in self._stages[level][stage]:
                    self._match(shard, run, sent)
            run.resolve(self._by_level.get(level, ()))
        run.settle_all()
        return run

    def _match(self, shard: _Shard, run: Decided, sent: dict[str, Value]) -> None:
        message: dict[str, Any] = {"id": 1, "sid": f"c{next(self._sids)}", "always": 1}
        for name in shard.properties:
            if name not in sent:
                sent[name] = self._measures[name](run)
            value = sent[name]
            if value is UNKNOWN:
                message[f"{name}u"] = 1
            else:
                message[name] = value if isinstance(value, int) and not isinstance(value, bool) else _text(value)
        self._fired.names = set()
        try:
            self._host.assert_fact(shard.name, message)
        finally:
            self._host.delete_state(shard.name, message["sid"])
        fired = self._fired.names
        for n, condition in enumerate(shard.conditions):
            truth: Truth = True if f"h{n}" in fired else None if f"p{n}" in fired else False
            if condition.name in self.law.rules:
                run.truths[condition.name] = truth
            else:
                sent[condition.name] = UNKNOWN if truth is None else truth


def _host(definitions: dict[str, Any]) -> Any:
    from durable.engine import Host

    class QuietHost(Host):  # type: ignore[misc]
        """A host without dispatcher threads: evaluation happens in the caller's thread."""

        def _run(self) -> None:
            pass

    return QuietHost(definitions)


# --- resolution ---------------------------------------------------------------------------------------------------


class Decided:
    """What was decided for one set of facts: `truths` of rule conditions, `applies` of rules, `results` of outcomes."""

    def __init__(self, law: Law, known: Mapping[str, Value], readings: Mapping[str, str]) -> None:
        self.law = law
        self.known = known
        self.readings = {reading_key(q): option for q, option in {**default_readings(law), **readings}.items()}
        self.truths: dict[str, Truth] = {}
        self.applies: dict[str, Truth] = {}
        self.results: dict[str, Result] = {}
        day = known.get("case.reference_date", UNKNOWN)
        self.encoded = {name: not isinstance(day, date) or s.encodes(day) for name, s in law.sets.items()}

    def get(self, key: str) -> Value:
        if key in self.results:
            return self.results[key].value
        return self.readings[key] if key in self.readings else self.known.get(key, UNKNOWN)

    def local(self, name: str) -> Any:
        raise KeyError(name)

    def resolve(self, keys: Iterator[str] | list[str] | tuple[str, ...]) -> None:
        """Settle exceptions and give values to outcomes whose rules have all been matched."""
        for key in keys:
            outcome = self.law.outcomes[key]
            for rule in self.law.givers[key]:
                self._settle(rule)
            self.results[key] = self._stated(outcome, self._outcome(outcome))

    def settle_all(self) -> None:
        """Settle the rules that give no outcome (powers) too."""
        for rule in self.law.rules:
            self._settle(rule)

    def _settle(self, rule: str) -> None:
        """The status of a rule after that of the exceptions to it, from the innermost outwards."""
        todo = [rule]
        while todo:
            current = todo[-1]
            waiting = [other for other in self.law.exceptions[current] if other not in self.applies]
            if current in self.applies or not waiting:
                if current not in self.applies:
                    blocked = [self._block(current, other) for other in self.law.exceptions[current]]
                    truth = self.truths[current]
                    if truth is False or True in blocked:
                        self.applies[current] = False
                    else:
                        self.applies[current] = None if truth is None or None in blocked else True
                todo.pop()
            else:
                todo += waiting

    def _block(self, rule: str, other: str) -> Truth:
        """Whether an exception blocks a rule; also when only rules that block this rule as well could set the exception aside."""
        if self.applies[other] is not None or self.truths[other] is not True:
            return self.applies[other]
        aside = {deeper for deeper in self.law.exceptions[other] if self.applies[deeper] is not False}
        return True if aside <= set(self.law.exceptions[rule]) else None

    def _outcome(self, outcome: Outcome) -> Result:
        if not self.encoded[outcome.set]:
            return Result(NOT_ENCODED, UNKNOWN)
        if not self.law.givers[outcome.key]:
            return Result(UNDETERMINED, UNKNOWN)
        live: list[str] = []
        for rule in self.law.givers[outcome.key]:
            if self.applies[rule] is not False:
                live.append(rule)
        gives = {rule: self.law.rules[rule].then[outcome.key].value(self) for rule in live}
        firm = [rule for rule in live if self.applies[rule]]
        if outcome.type.kind == "set":
            return self._collect(gives, firm)
        check_conflict(self.law, outcome, gives, firm)
        default = outcome.default
        if not live:
            return Result(NOT_APPLICABLE if default is NONE else DETERMINED, default, values=(default,))
        possible: list[Value] = []
        for value in gives.values():
            if value not in possible:
                possible.append(value)
        sure = tuple(rule for rule in live if gives[rule] is not UNKNOWN and self._unmoved(rule, gives))
        if (possible == [default] and default is not UNKNOWN) or (len(possible) == 1 and possible[0] is not UNKNOWN and sure):
            value = possible[0]
            if value is NOT_CODED:
                return Result(NOT_ENCODED, UNKNOWN, sure, tuple(live), (value,))
            return Result(NOT_APPLICABLE if value is NONE else DETERMINED, value, sure, tuple(live), (value,))
        covered = any(self.truths[r] is True and all(o in gives for o in self.law.exceptions[r] if self.applies[o] is not False) for r in live)
        if not covered and default not in possible:
            possible.append(default)
        return Result(UNDETERMINED, UNKNOWN, tuple(firm), tuple(live), tuple(possible))

    def _unmoved(self, rule: str, gives: Mapping[str, Value]) -> bool:
        if self.truths[rule] is not True:
            return False
        live = [other for other in self.law.exceptions[rule] if self.applies[other] is not False]
        return all(other in gives and gives[other] is not UNKNOWN and gives[other] == gives[rule] for other in live)

    def _collect(self, gives: Mapping[str, Value], firm: list[str]) -> Result:
        if NOT_CODED in [gives[rule] for rule in firm]:
            return Result(NOT_ENCODED, UNKNOWN, tuple(firm), tuple(gives), (NOT_CODED,))
        least: frozenset[str] = frozenset()
        most: frozenset[str] = frozenset()
        open_ended = False
        for rule, members in gives.items():
            if not isinstance(members, frozenset):
                open_ended = True
                continue
            most |= members
            if rule in firm:
                least |= members
        if open_ended or most != least:
            return Result(UNDETERMINED, UNKNOWN, tuple(firm), tuple(gives), (least, most))
        return Result(DETERMINED, least, tuple(firm), tuple(gives), (least,))

    def _stated(self, outcome: Outcome, computed: Result) -> Result:
        stated = self.known.get(outcome.key, UNKNOWN)
        if not outcome.statable or stated is UNKNOWN:
            return computed
        if computed.status == DETERMINED and computed.certain:
            if computed.value != stated:
                raise InputError(
                    f"{outcome.key}: the case states {shown(stated)}, but from the other facts it follows that it is {shown(computed.value)}; "
                    "leave it out, or correct the facts."
                )
            return computed
        return Result(NOT_APPLICABLE if stated is NONE else DETERMINED, stated, values=(stated,), stated=True)
