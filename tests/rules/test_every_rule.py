"""Every rule has a worked example in which it decides, and one in which it just fails: on one condition, or on an exception only."""

from __future__ import annotations

import pytest

from examples import HERE, read
from grondslag import Law, case_from_data
from grondslag.explain import Evaluation
from grondslag.expr import All, Condition
from grondslag.model import Rule

SETS = ("departure_term", "entry_ban")


@pytest.fixture(scope="module")
def evaluations(law: Law) -> list[Evaluation]:
    """Each worked example of the sets, evaluated with the default readings."""
    files = [file for name in SETS for file in sorted((HERE / name).glob("*.yaml"))]
    return [Evaluation(law, case_from_data(example.case, law).known) for file in files for example in read(file)]


def rules(law: Law) -> list[Rule]:
    return [rule for rule in law.rules.values() if rule.set in SETS]


def test_every_rule_decides_in_some_example(law: Law, evaluations: list[Evaluation]) -> None:
    silent = [rule for rule in rules(law) if not any(e.applies(rule.id) is True for e in evaluations)]
    still = []
    for rule in silent:
        if (
            rule.question is None
            or rule.option == law.questions[rule.question].default
            or not any(Evaluation(law, e.known, {rule.question: str(rule.option)}).applies(rule.id) is True for e in evaluations)
        ):
            still.append(rule.id)
    assert still == []


def test_every_rule_just_fails_in_some_example(law: Law, evaluations: list[Evaluation]) -> None:
    assert [rule.id for rule in rules(law) if not any(just_fails(rule, e) for e in evaluations)] == []


def just_fails(rule: Rule, evaluation: Evaluation) -> bool:
    """Whether the rule holds but is set aside, or holds but for one of its conditions."""
    truth = evaluation.truth(rule.id)
    if truth is not False:
        return truth is True and evaluation.applies(rule.id) is False
    parts = conditions(rule.condition)
    failing = [part for part in parts if part.truth(evaluation) is not True]
    return len(failing) == 1 and failing[0].truth(evaluation) is False


def conditions(node: Condition) -> list[Condition]:
    """The conditions that must all hold."""
    return [inner for part in node.parts for inner in conditions(part)] if isinstance(node, All) else [node]
