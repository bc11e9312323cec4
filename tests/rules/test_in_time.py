"""Policy in time: the same case one day apart, with another version of the law, and a trace that says that the version makes the difference."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from examples import HERE
from grondslag import Law, case_from_data
from grondslag.examples import Example, read_examples
from grondslag.explain import Evaluation
from grondslag.expr import All, Condition, InForce, refs
from grondslag.words import Speaker

EXAMPLES = {example.id: example for example in read_examples(HERE / "in_time")}
PAIRS = sorted(name.removesuffix("-last-day") for name in EXAMPLES if name.endswith("-last-day"))


def _dates(data: Any) -> list[date]:
    if isinstance(data, dict):
        return [day for value in data.values() for day in _dates(value)]
    return [data] if isinstance(data, date) else []


def _versions(node: Condition) -> list[Condition]:
    """The parts of a condition that select a version: the period of the rule, or the regime of the case."""
    if isinstance(node, All):
        return [inner for part in node.parts for inner in _versions(part)]
    return [node] if isinstance(node, InForce) or any(key.startswith("regime.") for key in refs(node)) else []


def test_the_pairs_of_the_law_are_there() -> None:
    assert {"art64-access", "amv-tq", "no-fault-own-judgment", "aa-days", "union-term"} <= set(PAIRS)


@pytest.mark.parametrize("pair", PAIRS)
def test_one_day_apart_the_version_explains_the_difference(pair: str, law: Law) -> None:
    before, after = EXAMPLES[f"{pair}-last-day"], EXAMPLES[f"{pair}-first-day"]
    moved = [(a, b) for a, b in zip(_dates(before.case), _dates(after.case), strict=True) if a != b]
    assert moved
    assert all((b - a).days == 1 for a, b in moved)
    assert (before.expect, before.cites) != (after.expect, after.cites)
    for example, other in ((before, after), (after, before)):
        here, there = _evaluation(example, law), _evaluation(other, law)
        for name in example.applies:
            for rule in (r for r in law.rules.values() if name in (r.id, r.name) and here.applies(r.id) is True):
                failing = [version for version in _versions(rule.condition) if version.truth(there) is False]
                assert failing, f"{rule.id} is not kept from the other day by its version"
                words = Speaker(law).found(failing[0], there, "nl")
                assert any(part in words for part in ("vanaf", "tot en met", "stelsel")), words


def _evaluation(example: Example, law: Law) -> Evaluation:
    return Evaluation(law, case_from_data(example.case, law, example.id).known)
