"""Every rule has a worked example in which it decides, and one in which it just fails: on one condition, or on an exception only."""

from __future__ import annotations

import pytest

from examples import HERE
from grondslag import Law, case_from_data
from grondslag.examples import read_examples
from grondslag.explain import Evaluation
from grondslag.expr import All, Condition
from grondslag.model import Rule

SETS = ("amv", "track", "art64", "departure_term", "buitenschuld", "entry_ban", "reception")
# rules without a condition, which nothing sets aside: they cannot fail
UNCONDITIONAL = frozenset({"reception.run-off@2010-01-01~A", "reception.legal-aid"})


@pytest.mark.parametrize("name", SETS)
def test_every_rule_decides_in_one_example_and_just_fails_in_another(name: str, law: Law) -> None:
    silent = {rule.id for rule in law.rules.values() if rule.set == name}
    never_fail = set(silent) - UNCONDITIONAL
    for example in (example for folder in (name, "together", "in_time") for example in read_examples(HERE / folder)):
        known = case_from_data(example.case, law).known
        evaluation = Evaluation(law, known)
        never_fail -= {rule for rule in never_fail if just_fails(law.rules[rule], evaluation)}
        silent -= {rule for rule in silent if evaluation.applies(rule) is True}
        for question, option in {other for rule in silent if (other := _other(law.rules[rule], law))}:
            otherwise = Evaluation(law, known, {question: option})
            silent -= {rule for rule in silent if _other(law.rules[rule], law) == (question, option) and otherwise.applies(rule) is True}
    assert sorted(silent) == []
    assert sorted(never_fail) == []


def _other(rule: Rule, law: Law) -> tuple[str, str] | None:
    """The reading under which alone a rule holds, when it is not the default one."""
    if rule.question is None or rule.option is None or rule.option == law.questions[rule.question].default:
        return None
    return rule.question, rule.option


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
