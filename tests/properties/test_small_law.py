"""The engine on a small law that uses every part of the language."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grondslag import InputError, Law
from grondslag.assess import engine_for
from grondslag.decide import Engine
from grondslag.explain import DETERMINED, Evaluation
from grondslag.values import UNKNOWN, Value
from properties.strategies import known


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_decide_and_explain_agree(data: st.DataObject, small: Law) -> None:
    facts = data.draw(known(small))
    evaluation = Evaluation(small, facts)
    decided = engine_for(small).decide(facts)
    for rule in small.rules:
        assert decided.truths[rule] == evaluation.truth(rule)
        assert decided.applies[rule] == evaluation.applies(rule)
    for key in small.outcomes:
        mine, other = decided.results[key], evaluation.result(key)
        assert (mine.status, mine.value, mine.certain) == (other.status, other.value, other.certain)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_determined_outcome_stays_when_more_becomes_known(data: st.DataObject, small: Law) -> None:
    more = data.draw(known(small, density=10))
    kept = data.draw(st.sets(st.sampled_from(sorted(more))))
    fewer: dict[str, Value] = {k: v for k, v in more.items() if k in kept or k == "case.reference_date"}
    first, second = Evaluation(small, fewer), Evaluation(small, more)
    for key in small.outcomes:
        if first.result(key).status == DETERMINED:
            assert second.result(key).value == first.result(key).value


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_something_is_named_as_missing_whenever_an_outcome_is_undetermined(data: st.DataObject, small: Law) -> None:
    facts = data.draw(known(small, density=5))
    evaluation = Evaluation(small, facts)
    for key in small.outcomes:
        if evaluation.result(key).status == "undetermined":
            assert evaluation.missing(key)
            assert all(evaluation.get(fact) is UNKNOWN or small.types[fact].kind == "list" for fact in evaluation.missing(key))


@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_no_value_of_the_missing_facts_is_ever_ruled_out_wrongly(data: st.DataObject, small: Law) -> None:
    """Filling in facts that are not named as missing never settles or changes an undetermined outcome."""
    facts = data.draw(known(small, density=6))
    full = data.draw(known(small, density=10))
    evaluation = Evaluation(small, facts)
    for key in small.outcomes:
        if evaluation.result(key).status != "undetermined":
            continue
        rest = {fact: value for fact, value in full.items() if fact not in evaluation.missing(key) and fact not in facts}
        try:
            assert Evaluation(small, {**facts, **rest}).result(key).status == "undetermined"
        except InputError:
            continue


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_the_order_of_rules_does_not_matter(data: st.DataObject, small: Law, turned: tuple[Law, Engine]) -> None:
    facts = data.draw(known(small))
    other, engine = turned
    evaluation, again, decided = Evaluation(small, facts), Evaluation(other, facts), engine.decide(facts)
    for rule in small.rules:
        assert again.applies(rule) == evaluation.applies(rule) == decided.applies[rule]
    for key in small.outcomes:
        mine, theirs = evaluation.result(key), again.result(key)
        assert (mine.status, mine.value, set(mine.certain)) == (theirs.status, theirs.value, set(theirs.certain))
        assert (decided.results[key].status, decided.results[key].value) == (mine.status, mine.value)


@pytest.fixture(scope="module")
def turned(small: Law) -> tuple[Law, Engine]:
    """The small law with its rules, givers and exceptions in reverse order."""
    other = replace(
        small,
        rules=dict(reversed(list(small.rules.items()))),
        givers={key: tuple(reversed(rules)) for key, rules in small.givers.items()},
        exceptions={key: tuple(reversed(rules)) for key, rules in small.exceptions.items()},
    )
    return other, Engine(other)
