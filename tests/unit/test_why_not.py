"""For any rule the program can say why it does not apply."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grondslag import InputError, Law, read_case
from grondslag.assess import explain_rules
from grondslag.decision import Step

CASE = Path(__file__).parents[2] / "fixtures" / "cases" / "verbod-na-verstreken-termijn.yaml"


def steps(step: Step | None) -> Iterator[Step]:
    if step is not None:
        yield step
        for part in step.parts:
            yield from steps(part)


def test_every_rule_names_what_fails(law: Law) -> None:
    case = read_case(CASE, law)
    names = {rule.name for rule in law.rules.values() if rule.set in ("departure_term", "entry_ban")}
    for name in names:
        for trace in explain_rules(case, law, name):
            reasons = [step for step in steps(trace.conditions) if step.truth is False and step.kind == "test"]
            if trace.applies is False:
                assert trace.set_aside_by or reasons, trace.rule
                assert all(reason.words.nl and reason.words.en for reason in reasons)
            if trace.applies is None:
                assert trace.may_be_set_aside_by or any(step.truth is None for step in steps(trace.conditions)), trace.rule


def test_a_wanted_outcome_lists_the_rules_that_could_give_it(law: Law) -> None:
    traces = explain_rules(read_case(CASE, law), law, "entry_ban.issue=must_refrain")
    assert traces and all(trace.gives.get("entry_ban.issue") == "must_refrain" for trace in traces)


@pytest.mark.parametrize("wanted", ["entry-ban.no-such-rule", "entry_ban.issue", "entry_ban.issue=perhaps", "entry_ban.isue=may_issue"])
def test_what_does_not_exist_is_said(wanted: str, law: Law) -> None:
    with pytest.raises(InputError, match="why-not: "):
        explain_rules(read_case(CASE, law), law, wanted)
