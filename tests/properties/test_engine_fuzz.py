"""durable-rules behind our adapter against the plain condition trees: random rules, random and partly unknown cases.

The limits of the C code (docs/decisions.md) are reached on purpose: long conjunctions, long disjunctions, many rules in one law.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grondslag import Law
from grondslag.decide import Engine
from grondslag.explain import Evaluation
from grondslag.expr import Condition, show
from grondslag.model import Rule
from grondslag.parse import Scope, parse_condition
from grondslag.values import Value
from properties.strategies import known

TESTS = (
    "x.flag",
    "x.other",
    "x.kind == red",
    "x.kind != blue",
    "x.kind in [red, none]",
    "x.kind not in [blue]",
    "x.days > 3",
    "x.days <= 90",
    "x.days == 4",
    "3 < x.days <= 90",
    "x.days < x.months * 30",
    "x.taken_on >= '2014-11-01'",
    "x.taken_on == none",
    "x.left_on != none",
    "x.left_on > x.taken_on + weeks(4)",
    "x.left_on <= x.taken_on + months(3)",
    "x.taken_on < x.left_on",
    "a in x.letters",
    "x.letters <= {a, b}",
    "x.letters == {a}",
    "count(x.letters) >= 2",
    "any(s.final and s.days > 10 for s in sentences)",
    "all(s.days < 100 for s in sentences if s.final)",
    "sum(s.days for s in sentences if s.final) >= 180",
    "any(listed(members, c, case.reference_date) for c in x.country)",
    "full_years(x.taken_on, case.reference_date) >= 1",
    "next_working_day(x.taken_on) == x.taken_on",
)


def condition(random: Random, depth: int = 3) -> Any:
    """A condition in its YAML form, now and then far longer than durable-rules takes in one piece."""
    kind = random.choice(("test", "test", "all", "any", "not", "at_least", "long")) if depth else "test"
    if kind == "test":
        return random.choice(TESTS)
    if kind == "not":
        return {"not": condition(random, depth - 1)}
    if kind == "long":
        return {random.choice(("all", "any")): [random.choice(TESTS) for _ in range(random.randint(12, 40))]}
    parts = [condition(random, depth - 1) for _ in range(random.randint(3, 5))]
    return {"at_least": 2, "of": parts} if kind == "at_least" else {kind: parts}


def made(small: Law, found: list[Condition]) -> Law:
    """The small law with one more rule for each condition."""
    pattern = small.rules["flagged"]
    rules: dict[str, Rule] = {f"fuzz-{n}": replace(pattern, id=f"fuzz-{n}", name=f"fuzz-{n}", condition=c) for n, c in enumerate(found)}
    givers = dict.fromkeys(small.outcomes, ()) | {"alpha.flagged": tuple(rules)}
    return replace(
        small,
        rules=rules,
        givers=givers,
        exceptions=dict.fromkeys(rules, ()),
        levels={**small.levels, **{f"rule {rule}": 0 for rule in rules}},
    )


@pytest.fixture(scope="module")
def fuzzed(small: Law) -> list[tuple[Law, Engine]]:
    """Laws of random rules with their engines; made once, because durable-rules never frees a rule set."""
    random = Random(20260611)
    scope = Scope(small.types, small.tables, small.calendar)
    laws = [made(small, [parse_condition(condition(random), scope) for _ in range(40)]) for _ in range(3)]
    return [(law, Engine(law)) for law in laws]


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_random_rules_on_random_cases(data: st.DataObject, small: Law, fuzzed: list[tuple[Law, Engine]]) -> None:
    keys = [key for key in small.facts if key != "case.reference_date"]
    facts = data.draw(known(small, keys=keys, density=7))
    for law, engine in fuzzed:
        decided, evaluation = engine.decide(facts), Evaluation(law, facts)
        for rule in law.rules:
            assert decided.truths[rule] == evaluation.truth(rule), show(law.rules[rule].condition)


def test_many_rules_in_one_law(small: Law) -> None:
    scope = Scope(small.types, small.tables, small.calendar)
    found = [
        parse_condition({"all": [TESTS[n % len(TESTS)], {"any": [TESTS[(7 * n + 3) % len(TESTS)], TESTS[(5 * n + 1) % len(TESTS)]]}]}, scope)
        for n in range(600)
    ]
    law = made(small, found)
    engine = Engine(law)
    cases: tuple[dict[str, Value], ...] = (
        {},
        {"x.flag": True, "x.kind": "red", "x.days": 4},
        {"x.letters": frozenset("ab"), "x.other": False, "x.months": 2, "x.days": 60},
    )
    for facts in cases:
        decided, evaluation = engine.decide(facts), Evaluation(law, facts)
        assert {rule: decided.truths[rule] for rule in law.rules} == {rule: evaluation.truth(rule) for rule in law.rules}


def test_a_case_that_fails_leaves_the_engine_usable(small: Law) -> None:
    engine = Engine(small)
    before = engine.decide({"x.flag": True}).truths
    for _ in range(1100):  # more sessions than the C code holds at once
        engine.decide({"x.flag": True})
    assert engine.decide({"x.flag": True}).truths == before
