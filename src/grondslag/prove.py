"""Proofs about the rules, with z3: no two rules contradict each other, every rule and exception matters, main outcomes have a value, invariants hold.

A proof covers every complete case that the constraints allow, on every date for which the set is encoded, so between all version boundaries at once. What is
refuted comes with a case: found by z3, confirmed by the rules themselves, and made small. Lists are taken to hold at most `smt.RECORDS` records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from itertools import combinations, pairwise
from typing import Any

from .case import to_plain
from .errors import ConflictError, GrondslagError, InputError
from .explain import Evaluation
from .expr import Condition, Const, refs
from .model import Invariant, Law, Rule
from .smt import Encoder, Found
from .values import NONE, NOT_CODED, Value

PROVEN, REFUTED, UNDECIDED = "proven", "refuted", "undecided"
CHECKS = ("conflict", "total", "dead", "exception", "versions", "invariant")


@dataclass(frozen=True)
class Finding:
    """One thing that was to be proven: what of which rule or outcome, the verdict, in words what is the matter, and a small case that shows it."""

    check: str
    set: str
    subject: str
    verdict: str
    says: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)

    def case(self) -> dict[str, Any]:
        """The case as a case file has it."""
        data: dict[str, Any] = {"schema": 1}
        for key, value in self.facts.items():
            group, dot, name = key.partition(".")
            if dot:
                data.setdefault(group, {})[name] = to_plain(value)
            else:
                data[group] = to_plain(value)
        return data


def prove(law: Law, sets: Iterable[str] = (), checks: Iterable[str] = CHECKS, *, seen: Iterable[Mapping[str, Value]] = (), workers: int = 2) -> list[Finding]:
    """Every proof about some rule sets (all of them when none is named).

    Args:
        law: the rules.
        sets: names of rule sets.
        checks: which of `CHECKS`.
        seen: known facts of cases (worked examples): a rule that applies in one of them needs no proof that it can.
        workers: processes.

    Raises:
        InputError: no such rule set or check.
    """
    names = list(sets) or [s.id for s in law.sets.values()]
    for name in names:
        if name not in law.sets:
            raise InputError(f"prove: there is no rule set {name}; known are {', '.join(law.sets)}.")
    wanted = list(checks)
    for check in wanted:
        if check not in CHECKS:
            raise InputError(f"prove: there is no check {check}; known are {', '.join(CHECKS)}.")
    witnessed = _witnessed(law, seen)
    jobs = [(law, name, check, witnessed) for name in names for check in wanted]
    if workers < 2 or len(jobs) < 2:
        return [finding for job in jobs for finding in _job(job)]
    with ProcessPoolExecutor(workers) as pool:
        return [finding for found in pool.map(_job, jobs) for finding in found]


@dataclass(frozen=True)
class _Witnessed:
    """Rules that apply, and exceptions that set a rule aside, in some known case."""

    rules: frozenset[str]
    exceptions: frozenset[tuple[str, str]]


def _witnessed(law: Law, seen: Iterable[Mapping[str, Value]]) -> _Witnessed:
    rules: set[str] = set()
    exceptions: set[tuple[str, str]] = set()
    pairs = [(other, rule) for rule, others in law.exceptions.items() for other in others]
    for facts in seen:
        evaluation = Evaluation(law, facts)
        rules |= {rule for rule in law.rules if rule not in rules and evaluation.applies(rule) is True}
        exceptions |= {(o, r) for o, r in pairs if (o, r) not in exceptions and evaluation.truth(r) is True and evaluation.applies(o) is True}
    return _Witnessed(frozenset(rules), frozenset(exceptions))


def _job(job: tuple[Law, str, str, _Witnessed]) -> list[Finding]:
    law, name, check, witnessed = job
    return list(_Prover(law, name, witnessed).run(check))


def _clash(key: str, evaluation: Evaluation) -> str:
    """The conflict about an outcome in words; empty where there is none."""
    try:
        evaluation.result(key)
    except ConflictError as fault:
        return str(fault)
    return ""


def _silent(key: str, evaluation: Evaluation) -> bool:
    return not evaluation.result(key).possible


def _unsaid(key: str, _: Evaluation) -> str:
    return f"no rule gives {key} a value"


def _applies(rule: str, evaluation: Evaluation) -> bool:
    return evaluation.applies(rule) is True


def _sets_aside(exception: str, rule: str, evaluation: Evaluation) -> bool:
    return evaluation.applies(exception) is True and evaluation.truth(rule) is True


def _fails(must: Condition, evaluation: Evaluation) -> bool:
    return must.truth(evaluation) is False


def _said(invariant: Invariant, _: Evaluation) -> str:
    return invariant.says.en


class _Prover:
    def __init__(self, law: Law, name: str, witnessed: _Witnessed) -> None:
        self.law = law
        self.set = law.sets[name]
        self.witnessed = witnessed
        self.encoder = Encoder(law)

    def run(self, check: str) -> Iterator[Finding]:
        yield from {
            "conflict": self.conflicts, "total": self.totals, "dead": self.dead_rules, "exception": self.exceptions, "versions": self.versions,
            "invariant": self.invariants,
        }[check]()  # fmt: skip

    # --- the checks

    def conflicts(self) -> Iterator[Finding]:
        """No two rules that both apply give one outcome different values."""
        for key in self.set.outcomes:
            if self.law.outcomes[key].type.kind != "set" and self.law.givers[key]:
                yield self._conflict(key)

    def _conflict(self, key: str) -> Finding:
        import z3

        encoder = self.encoder
        clashes, reads = [], []
        for a, b in combinations(self.law.givers[key], 2):
            if b in self.law.exceptions[a] or a in self.law.exceptions[b]:
                continue
            one, two = self.law.rules[a].then[key], self.law.rules[b].then[key]
            if isinstance(one, Const) and isinstance(two, Const):
                if one.value_ == two.value_ and type(one.value_) is type(two.value_):
                    continue
                differ = z3.BoolVal(True)
            elif NOT_CODED in (getattr(one, "value_", None), getattr(two, "value_", None)):
                differ = z3.BoolVal(True)
            else:
                differ, keys = encoder.differ(one, two)
                reads += keys
            clashes.append(z3.And(encoder.applies(a), encoder.applies(b), differ))
            reads += [f"applies {a}", f"applies {b}"]
        if not clashes:
            return Finding("conflict", self.set.id, key, PROVEN)
        return self._sought("conflict", key, z3.Or(*clashes), reads, partial(_clash, key), partial(_clash, key))

    def totals(self) -> Iterator[Finding]:
        """In every complete case some rule gives a main outcome a value, unless the outcome says when it is not applicable (`partial`)."""
        import z3

        for key in self.set.outcomes:
            outcome = self.law.outcomes[key]
            if not outcome.headline or not self.law.givers[key] or outcome.type.kind == "set" or outcome.default is not NONE:
                continue
            encoder = self.encoder
            gate = [encoder.truth(self.set.applies_when, {})] if self.set.applies_when is not None else []
            silent = z3.And(*gate, z3.Not(z3.Or(*(encoder.applies(rule) for rule in self.law.givers[key]))))
            reads = [*(f"applies {rule}" for rule in self.law.givers[key]), *(refs(self.set.applies_when) if self.set.applies_when is not None else ())]
            finding = self._sought("total", key, silent, reads, partial(_silent, key), partial(_unsaid, key))
            if outcome.partial is not None and finding.verdict == REFUTED:
                finding = replace(finding, verdict=PROVEN, says=f"not applicable in some cases, as declared: {outcome.partial.en}")
            elif outcome.partial is not None:
                finding = replace(finding, verdict=REFUTED, says="declared as not always applicable, but it always has a value: drop `partial`")
            yield finding

    def dead_rules(self) -> Iterator[Finding]:
        """Every rule decides in some possible case."""
        for rule in (self.law.rules[name] for name in self.set.rules):
            if rule.id in self.witnessed.rules:
                yield Finding("dead", self.set.id, rule.id, PROVEN)
                continue
            yield self._possible("dead", rule.id, self.encoder.applies(rule.id), [f"applies {rule.id}"], partial(_applies, rule.id))

    def exceptions(self) -> Iterator[Finding]:
        """Every name in an `exception_to` is needed: some version of the rule sets aside some rule of that name or group in a possible case."""
        declared: dict[tuple[str, str], list[Rule]] = {}
        for rule in (self.law.rules[name] for name in self.set.rules):
            for target in rule.exception_to:
                declared.setdefault((rule.name, target), []).append(rule)
        for (name, target), rules in declared.items():
            pairs = [
                (e, other)
                for e in rules
                for other in self.law.rules.values()
                if target in (other.id, other.name, other.group) and e.id in self.law.exceptions[other.id]
            ]
            yield self._exception(f"{name} → {target}", pairs)

    def _exception(self, subject: str, pairs: list[tuple[Rule, Rule]]) -> Finding:
        import z3

        if any((e.id, rule.id) in self.witnessed.exceptions for e, rule in pairs):
            return Finding("exception", self.set.id, subject, PROVEN)
        verdicts = []
        for e, rule in pairs:
            both = z3.And(self.encoder.applies(e.id), self.encoder.holds(rule.id))
            found = self._possible("exception", subject, both, [f"applies {e.id}", f"holds {rule.id}"], partial(_sets_aside, e.id, rule.id))
            if found.verdict == PROVEN:
                return found
            verdicts.append(found.verdict)
        return Finding("exception", self.set.id, subject, UNDECIDED if UNDECIDED in verdicts else REFUTED, "no possible case in which it sets anything aside")

    def versions(self) -> Iterator[Finding]:
        """The versions of a rule follow each other without a gap (overlap is refused when rules are loaded)."""
        named: dict[str, list[Rule]] = {}
        for rule in (self.law.rules[name] for name in self.set.rules):
            named.setdefault(rule.name, []).append(rule)
        for name, rules in named.items():
            gaps: list[str] = []
            for option in {rule.option for rule in rules}:
                ordered = sorted((r for r in rules if r.option in (None, option)), key=lambda r: r.period[0] or date.min)
                gaps += [
                    f"{a.id} ends on {a.period[1]} and {b.id} begins on {b.period[0]}"
                    for a, b in pairwise(ordered)
                    if a.period[1] and b.period[0] and a.period[1] + timedelta(days=1) != b.period[0]
                ]
            yield Finding("versions", self.set.id, name, REFUTED if gaps else PROVEN, "; ".join(dict.fromkeys(gaps)))

    def invariants(self) -> Iterator[Finding]:
        """What the rule set declares to hold in every case."""
        import z3

        for invariant in self.set.invariants:
            name = self.encoder.named(f"invariant {invariant.id}", invariant.must)
            yield self._sought("invariant", invariant.id, z3.Not(z3.Bool(name)), [name], partial(_fails, invariant.must), partial(_said, invariant))

    # --- looking for a case

    def _sought(
        self, check: str, subject: str, formula: Any, reads: Iterable[str], bad: Callable[[Evaluation], Any], says: Callable[[Evaluation], str]
    ) -> Finding:
        """A finding that is proven when no case makes the formula true."""
        found, verdict = self._solve(formula, reads, bad)
        if found is None:
            return Finding(check, self.set.id, subject, verdict)
        small = self._smaller(found, bad)
        return Finding(check, self.set.id, subject, REFUTED, says(Evaluation(self.law, small.facts, small.readings)), small.facts, small.readings)

    def _possible(self, check: str, subject: str, formula: Any, reads: Iterable[str], good: Callable[[Evaluation], bool]) -> Finding:
        """A finding that is proven when some case makes the formula true."""
        found, verdict = self._solve(formula, reads, good)
        if found is not None:
            return Finding(check, self.set.id, subject, PROVEN)
        return Finding(check, self.set.id, subject, REFUTED, "no possible case") if verdict == PROVEN else Finding(check, self.set.id, subject, UNDECIDED)

    def _solve(self, formula: Any, reads: Iterable[str], right: Callable[[Evaluation], Any]) -> tuple[Found | None, str]:
        """A case that makes the formula true; without one, whether it is proven that there is none."""
        start, end = self.set.encoded
        day = self.encoder.key("case.reference_date").body
        within = ([day >= start.toordinal()] if start else []) + ([day <= end.toordinal()] if end else [])

        def confirmed(found: Found) -> bool:
            try:
                return bool(right(Evaluation(self.law, found.facts, found.readings)))
            except ConflictError:
                return True
            except GrondslagError:
                return False

        try:
            found = self.encoder.solve(formula, [*reads, "case.reference_date"], confirmed, within)
        except TimeoutError:
            return None, UNDECIDED
        return found, REFUTED if found is not None else PROVEN

    def _smaller(self, found: Found, bad: Callable[[Evaluation], Any]) -> Found:
        """The case without the readings and facts that do not matter."""
        small = Found(dict(found.facts), dict(found.readings))

        def shows(facts: dict[str, Value], readings: dict[str, str]) -> bool:
            try:
                return bool(bad(Evaluation(self.law, facts, readings)))
            except GrondslagError:
                return False

        for question in found.readings:
            fewer = {q: option for q, option in small.readings.items() if q != question}
            if shows(small.facts, fewer):
                small = Found(small.facts, fewer)
        for key in found.facts:
            facts = {k: value for k, value in small.facts.items() if k != key}
            if key != "case.reference_date" and shows(facts, small.readings):
                small = Found(facts, small.readings)
        return small
