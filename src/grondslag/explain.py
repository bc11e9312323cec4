"""The second reading of the rules: a walk over each rule's own condition tree. It gives truth, outcomes and what is missing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from . import values as v
from .errors import ConflictError, InputError
from .expr import (
    Aggregate,
    AtLeast,
    Condition,
    InForce,
    Operand,
    Quantifier,
    Ref,
    Test,
    children,
    reading_key,
    refs,
)
from .expr import All as AllOf
from .expr import Any as AnyOf
from .expr import Not as NotOf
from .model import Law, Outcome, Rule
from .sources import Citation
from .values import NONE, NOT_CODED, UNKNOWN, Truth, Type, Value

DETERMINED, UNDETERMINED, NOT_APPLICABLE, NOT_ENCODED = "determined", "undetermined", "not_applicable", "not_encoded"
_TRIED = 16
_STRENGTH = {"bound": 0, "policy": 1, "discretionary": 2}


@dataclass(frozen=True, slots=True)
class Result:
    """What the rules give one outcome: its value (`UNKNOWN` while undetermined, `NONE` when not applicable), the rules that give it for certain,
    the rules that may, and the values still possible."""

    status: str
    value: Value
    certain: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    stated: bool = False


def default_readings(law: Law) -> dict[str, str]:
    """The default option of each open question."""
    return {key: question.default for key, question in law.questions.items()}


class Evaluation:
    """The rules read for one set of facts. Results are computed when asked for and kept."""

    def __init__(self, law: Law, known: Mapping[str, Value], readings: Mapping[str, str] | None = None) -> None:
        self.law = law
        self.known = known
        self._readings = dict(readings or {})
        self.readings = {reading_key(q): option for q, option in {**default_readings(law), **(readings or {})}.items()}
        day = known.get("case.reference_date", UNKNOWN)
        self.encoded = {name: not isinstance(day, date) or s.encodes(day) for name, s in law.sets.items()}
        self._truths: dict[str, Truth] = {}
        self._statuses: dict[str, Truth] = {}
        self._results: dict[str, Result] = {}
        self._missing: dict[str, frozenset[str]] = {}
        self._open: dict[str, frozenset[str]] = {}
        self._tried: dict[tuple[str, ...], list[Evaluation]] = {}

    # --- environment

    def get(self, key: str) -> Value:
        if key in self.law.outcomes:
            return self.result(key).value
        if key in self.readings:
            return self.readings[key]
        return self.known.get(key, UNKNOWN)

    def local(self, name: str) -> Any:
        raise KeyError(name)

    # --- rules

    def truth(self, rule: str) -> Truth:
        """Whether the condition of a rule holds, its version and reading included."""
        if rule not in self._truths:
            self._truths[rule] = self.law.rules[rule].condition.truth(self)
        return self._truths[rule]

    def applies(self, rule: str) -> Truth:
        """Whether a rule applies: its condition holds and no exception to it applies."""
        if rule not in self._statuses:
            truth = self.truth(rule)
            if truth is not False:
                truth = v.and3((truth, *(v.not3(self._blocks(other, rule)) for other in self.law.exceptions[rule])))
            self._statuses[rule] = truth
        return self._statuses[rule]

    def _blocks(self, other: str, rule: str) -> Truth:
        """Whether an exception stands in the way of a rule: it applies, or what may set it aside sets the rule aside too."""
        applies = self.applies(other)
        if applies is None and self.truth(other) is True:
            open_ones = [deeper for deeper in self.law.exceptions[other] if self.applies(deeper) is not False]
            if all(deeper in self.law.exceptions[rule] for deeper in open_ones):
                return True
        return applies

    # --- outcomes

    def result(self, key: str) -> Result:
        """What the rules give an outcome.

        Raises:
            ConflictError: two rules that both apply give different values.
            InputError: the case states another value than the rules give.
        """
        if key not in self._results:
            outcome = self.law.outcomes[key]
            self._results[key] = self._with_stated(outcome, self._computed(outcome))
        return self._results[key]

    def _computed(self, outcome: Outcome) -> Result:
        if not self.encoded[outcome.set]:
            return Result(NOT_ENCODED, UNKNOWN)
        if not self.law.givers[outcome.key]:
            return Result(UNDETERMINED, UNKNOWN)  # only the case can say it
        candidates = [rule for rule in self.law.givers[outcome.key] if self.applies(rule) is not False]
        given = {rule: self.law.rules[rule].then[outcome.key].value(self) for rule in candidates}
        certain = [rule for rule in candidates if self.applies(rule) is True]
        if outcome.type.kind == "set":
            return _union(given, certain)
        check_conflict(self.law, outcome, given, certain)
        values = _distinct(given.values())
        sure = [rule for rule in candidates if given[rule] is not UNKNOWN and self._sure(rule, given)]
        if len(values) == 1 and values[0] is not UNKNOWN and (sure or values[0] == outcome.default):
            if values[0] is NOT_CODED:
                return Result(NOT_ENCODED, UNKNOWN, tuple(sure), tuple(candidates), values)
            return Result(DETERMINED if values[0] is not NONE else NOT_APPLICABLE, values[0], tuple(sure), tuple(candidates), values)
        if not candidates:
            status = NOT_APPLICABLE if outcome.default is NONE else DETERMINED
            return Result(status, outcome.default, values=(outcome.default,))
        values = _distinct(value for rule in candidates for value in self._values(self.law.rules[rule].then[outcome.key]))
        if not any(self._covers(rule, given) for rule in candidates):
            values = _distinct((*values, outcome.default))
        return Result(UNDETERMINED, UNKNOWN, tuple(certain), tuple(candidates), values)

    def _sure(self, rule: str, given: Mapping[str, Value]) -> bool:
        """Whether the rule's value comes out whatever becomes of its exceptions: it applies, or each exception that may apply gives the same."""
        if self.truth(rule) is not True:
            return False
        for other in self.law.exceptions[rule]:
            if self.applies(other) is not False and (other not in given or given[other] is UNKNOWN or given[other] != given[rule]):
                return False
        return True

    def _values(self, node: Operand) -> tuple[Value, ...]:
        """The values an operand may have; those of another outcome are passed on."""
        value = node.value(self)
        if value is UNKNOWN and isinstance(node, Ref) and node.key in self.law.outcomes:
            return self.result(node.key).values or (UNKNOWN,)
        return (value,)

    def _covers(self, rule: str, given: Mapping[str, Value]) -> bool:
        """Whether the outcome gets a value from the rule or from an exception to it, whatever becomes of those."""
        return self.truth(rule) is True and all(self.applies(other) is False or other in given for other in self.law.exceptions[rule])

    def _with_stated(self, outcome: Outcome, computed: Result) -> Result:
        stated = self.known.get(outcome.key, UNKNOWN)
        if not outcome.statable or stated is UNKNOWN:
            return computed
        if computed.status == DETERMINED and computed.certain and computed.value != stated:
            raise InputError(
                f"{outcome.key}: the case states {shown(stated)}, but from the other facts it follows that it is {shown(computed.value)}; "
                "leave it out, or correct the facts."
            )
        if computed.status == DETERMINED and computed.certain:
            return computed
        return Result(DETERMINED if stated is not NONE else NOT_APPLICABLE, stated, values=(stated,), stated=True)

    def force(self, key: str) -> str | None:
        """The strongest force with which an outcome is given."""
        forces = [self.law.rules[rule].force for rule in self.result(key).certain]
        return min(forces, key=lambda force: _STRENGTH[force], default=None)

    def cited(self, key: str, *, seen: set[str] | None = None) -> tuple[Citation, ...]:
        """The citations of the rules that give an outcome, then those of the internal steps on which its value rests."""
        top = seen is None
        seen = {key} if seen is None else seen | {key}
        result = self.result(key)
        rules = [self.law.rules[rule] for rule in (result.certain or result.possible)]
        found = [citation for rule in rules for citation in rule.cite]
        for rule in rules:
            for step in (*refs(rule.then[key]), *(refs(rule.condition) if top else ())):
                if step not in seen and step in self.law.outcomes and self.law.outcomes[step].internal:
                    found += self.cited(step, seen=seen)
        return tuple(dict.fromkeys(found))

    def possible(self, key: str) -> tuple[Value, ...]:
        """The values still possible for an outcome: those of the rules that may apply, narrowed by trying the open facts where they have few values."""
        broad = self.result(key).values
        known_choices = {fact: choices(self.law.types[fact]) for fact in self.missing(key) if fact in self.law.facts}
        facts = tuple(sorted(fact for fact, options in known_choices.items() if options))
        options = [known_choices[fact] for fact in facts]
        if not facts or math.prod(map(len, options)) > _TRIED:
            return broad
        found: list[Value] = []
        for trial in self._trials(facts, options):
            try:
                found += trial.result(key).values
            except (ConflictError, InputError):
                continue  # a combination that the rules exclude
        return _distinct(found)

    def _trials(self, facts: tuple[str, ...], options: list[tuple[Value, ...]]) -> list[Evaluation]:
        """The case with each combination of values for some facts, without those that the constraints exclude."""
        if facts not in self._tried:
            combinations = [{**self.known, **dict(zip(facts, values, strict=True))} for values in itertools.product(*options)]
            trials = [Evaluation(self.law, known, self._readings) for known in combinations]
            self._tried[facts] = [t for t in trials if all(constraint.must.truth(t) is not False for constraint in self.law.constraints)]
        return self._tried[facts]

    # --- what is missing

    def missing(self, key: str) -> frozenset[str]:
        """The unknown facts that may still change an outcome."""
        if key not in self._missing:
            self._missing[key] = frozenset()  # guards against returning to the same outcome; the graph has no circles
            result = self.result(key)
            found: set[str] = set()
            if result.status == UNDETERMINED:
                for rule in result.possible:
                    found |= self.missing_of_rule(rule)
                    found |= self._unknown(self.law.rules[rule].then[key], self.law.rules[rule].set)
            self._missing[key] = frozenset(found)
        return self._missing[key]

    def missing_of_rule(self, rule: str) -> frozenset[str]:
        """The unknown facts that decide whether a rule applies: those of its condition and of the exceptions that may apply."""
        if rule not in self._open:
            found: set[str] = set()
            if self.truth(rule) is None:
                found |= self._unknown(self.law.rules[rule].condition, self.law.rules[rule].set)
            for other in self.law.exceptions[rule]:
                if self.applies(other) is None:
                    found |= self.missing_of_rule(other)
            self._open[rule] = frozenset(found)
        return self._open[rule]

    def _unknown(self, node: Condition | Operand, home: str) -> set[str]:
        """The unknown facts in the parts of a tree that are themselves unknown, for a rule of the set `home`."""
        if isinstance(node, Ref):
            return self._unknown_ref(node.key, home)
        if isinstance(node, (Quantifier, Aggregate)):
            if (node.truth(self) if isinstance(node, Quantifier) else node.value(self)) not in (None, UNKNOWN):
                return set()
            found = set().union(*(self._unknown_ref(key, home) for key in refs(node)))
            # a record lacks a field: the list itself is what has to be completed
            return found or set(refs(node.source))
        if isinstance(node, (Test, AllOf, AnyOf, NotOf, AtLeast, InForce)) and node.truth(self) is not None:
            return set()
        return set().union(*(self._unknown(child, home) for child in children(node)))

    def _unknown_ref(self, key: str, home: str) -> set[str]:
        if self.get(key) is not UNKNOWN or key not in self.law.types:
            return set()
        if key not in self.law.outcomes or self.result(key).status == NOT_ENCODED:
            return {key}
        outcome = self.law.outcomes[key]
        if outcome.statable and outcome.set != home and not self.law.sets[outcome.set].derived:
            return {key}  # what another rule set has to say; that set names its own facts
        return set(self.missing(key)) or ({key} if outcome.statable else set())


def choices(kind: Type) -> tuple[Value, ...]:
    """All values of a type that has few: yes/no and enums."""
    return (True, False) if kind.kind == "bool" else kind.values if kind.kind == "enum" else ()


def _union(given: Mapping[str, Value], certain: list[str]) -> Result:
    """The union of what rules add to a set: undetermined while a rule that may apply would add something."""
    sure: set[str] = set()
    if any(given[rule] is NOT_CODED for rule in certain):
        return Result(NOT_ENCODED, UNKNOWN, tuple(certain), tuple(given), (NOT_CODED,))
    for rule in certain:
        members = given[rule]
        if isinstance(members, frozenset):
            sure |= members
    for members in given.values():
        if not isinstance(members, frozenset) or not members <= sure:
            most = set(sure).union(*(m for m in given.values() if isinstance(m, frozenset)))
            return Result(UNDETERMINED, UNKNOWN, tuple(certain), tuple(given), (frozenset(sure), frozenset(most)))
    return Result(DETERMINED, frozenset(sure), tuple(certain), tuple(given), (frozenset(sure),))


def _distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    found: list[Value] = []
    for value in values:
        if not any(value is other or (type(value) is type(other) and value == other) for other in found):
            found.append(value)
    return tuple(found)


def check_conflict(law: Law, outcome: Outcome, given: Mapping[str, Value], certain: Iterable[str]) -> None:
    """Refuse two rules that both apply and differ.

    Raises:
        ConflictError: naming both rules and where they stand.
    """
    first: Rule | None = None
    for rule in certain:
        if given[rule] is UNKNOWN:
            continue
        if first is not None and given[first.id] != given[rule]:
            other = law.rules[rule]
            raise ConflictError(
                f"{outcome.key}: the rules {first.id} ({first.place}) and {other.id} ({other.place}) both apply and give "
                f"{shown(given[first.id])} and {shown(given[rule])}; one of them has to be an exception to the other."
            )
        first = first or law.rules[rule]


def shown(value: Value) -> str:
    """A value as it would stand in a case file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return "[" + ", ".join(sorted(value)) + "]"
    if value is NONE:
        return "none"
    return str(value)
