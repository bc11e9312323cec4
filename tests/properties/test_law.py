"""Properties of the real law: they hold for every case, however much of it is unknown."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from grondslag import ConflictError, Decision, assess, load_rules
from grondslag.assess import engine_for
from grondslag.case import Case, Stated
from grondslag.explain import DETERMINED, UNDETERMINED, Evaluation
from grondslag.values import NONE, UNKNOWN, Type, Value
from properties.strategies import BASE, COUNTRIES, LAST, read_keys

law = load_rules()  # not a fixture: hypothesis would print it whole
KEYS = tuple(read_keys(law))
SEEDS = st.integers(0, 2**32)
FAST = settings(max_examples=30, deadline=None)
SLOW = settings(max_examples=6, deadline=None)


def random_facts(random: Random, density: float) -> dict[str, Value]:
    """Random well-typed facts. One seed for hypothesis, because a draw for each of hundreds of facts would be too much."""
    facts: dict[str, Value] = {"case.reference_date": a_day(random)}
    for key in KEYS:
        if random.random() < density:
            facts[key] = a_value(random, law.types[key])
    return _possible(facts)


def _possible(facts: dict[str, Value]) -> dict[str, Value]:
    """The facts, unless rules contradict each other in a case that breaks a constraint: such a case is refused when it is read."""
    evaluation = Evaluation(law, facts)
    try:
        for key in law.outcomes:
            evaluation.result(key)
    except ConflictError:
        if any(constraint.must.truth(Evaluation(law, facts)) is False for constraint in law.constraints):
            reject()
        raise
    return facts


def a_day(random: Random) -> date:
    """A day in the encoded span, often beside a boundary between versions."""
    edges = [day for rule in law.rules.values() for day in rule.period if day is not None]
    day = (
        random.choice(edges) + timedelta(days=random.choice((-1, 0, 1)))
        if random.random() < 0.6
        else BASE + timedelta(days=random.randrange((LAST - BASE).days))
    )
    return min(max(day, BASE), LAST)


def a_value(random: Random, kind: Type) -> Value:
    match kind.kind:
        case "bool":
            return random.random() < 0.5
        case "enum":
            return random.choice(kind.values)
        case "set":
            return frozenset(value for value in kind.values if random.random() < min(0.4, 2 / len(kind.values)))
        case "int":
            low, high = kind.minimum or 0, kind.maximum if kind.maximum is not None else 400
            near = [n for n in (0, 1, 3, 4, 12, 24, 28, 89, 90, 91, 179, 180, 181) if low <= n <= high]
            return random.choice(near) if near and random.random() < 0.7 else random.randint(low, high)
        case "date":
            return NONE if kind.none and random.random() < 0.3 else a_day(random)
        case "country":
            return random.choice(COUNTRIES)
        case "countries":
            return frozenset(random.sample(COUNTRIES, random.randint(0, 2)))
        case "list":
            records = range(random.randint(0, 2))
            return tuple({name: a_value(random, inner) for name, inner in kind.fields.items() if random.random() < 0.9} for _ in records)  # type: ignore[misc]
    return "x"


def case_of(facts: dict[str, Value]) -> Case:
    return Case(schema=1, facts={key: Stated(value=value) for key, value in facts.items()})


@given(seed=SEEDS)
@FAST
def test_durable_rules_and_the_condition_trees_agree(seed: int) -> None:
    random = Random(seed)
    facts = random_facts(random, random.choice((0.3, 0.6, 0.9, 1.0)))
    decided, evaluation = engine_for(law).decide(facts), Evaluation(law, facts)
    assert [rule for rule in law.rules if (decided.truths[rule], decided.applies[rule]) != (evaluation.truth(rule), evaluation.applies(rule))] == []
    results = {key: evaluation.result(key) for key in law.outcomes}
    assert [
        key
        for key, r in results.items()
        if (r.status, r.value, r.certain) != (decided.results[key].status, decided.results[key].value, decided.results[key].certain)
    ] == []


@given(seed=SEEDS)
@FAST
def test_a_determined_outcome_is_final(seed: int) -> None:
    """No completion of the unknown facts changes it."""
    random = Random(seed)
    more = random_facts(random, 1.0)
    fewer = {key: value for key, value in more.items() if random.random() < 0.7 or key == "case.reference_date"}
    first, second = Evaluation(law, fewer), Evaluation(law, more)
    changed = [key for key in law.outcomes if first.result(key).status == DETERMINED and first.result(key).value != second.result(key).value]
    assert changed == []


@given(seed=SEEDS)
@FAST
def test_an_undetermined_outcome_names_unknown_facts_that_can_settle_it(seed: int) -> None:
    random = Random(seed)
    evaluation = Evaluation(law, random_facts(random, 0.6))
    for key in law.outcomes:
        if evaluation.result(key).status == UNDETERMINED and law.givers[key]:
            missing = evaluation.missing(key)
            assert missing, key
            assert all(evaluation.known.get(fact, UNKNOWN) is UNKNOWN or law.types[fact].kind in ("list", "set", "countries") for fact in missing)


@given(seed=SEEDS)
@SLOW
def test_the_order_of_facts_does_not_matter(seed: int) -> None:
    random = Random(seed)
    facts = random_facts(random, 0.7)
    shuffled = list(facts.items())
    random.shuffle(shuffled)
    assert assess(case_of(facts), law).rule_sets == assess(case_of(dict(shuffled)), law).rule_sets


@given(seed=SEEDS)
@SLOW
def test_every_determined_outcome_has_a_citation_and_a_trace(seed: int) -> None:
    random = Random(seed)
    decision = assess(case_of(random_facts(random, 0.9)), law)
    for rule_set in decision.rule_sets.values():
        traces = {trace.outcome: trace for trace in rule_set.trace}
        for key, outcome in rule_set.outcomes.items():
            trace = traces[key]
            assert (trace.status, trace.value) == (outcome.status, outcome.value)
            applied = [rule for rule in trace.rules if rule.applies]
            if outcome.status == DETERMINED and applied:
                assert outcome.citations, key
                assert all(rule.citations and rule.says.nl and rule.says.en for rule in applied)
                assert all(rule.conditions is None or rule.conditions.truth is True for rule in applied)


@given(seed=SEEDS)
@SLOW
def test_a_decision_survives_json(seed: int) -> None:
    random = Random(seed)
    decision = assess(case_of(random_facts(random, 0.8)), law)
    assert Decision.model_validate_json(decision.model_dump_json()) == decision


@given(seed=SEEDS)
@FAST
def test_statutory_maxima_are_never_exceeded(seed: int) -> None:
    random = Random(seed)
    evaluation = Evaluation(law, random_facts(random, random.choice((0.8, 1.0))))
    most, heavy = evaluation.get("entry_ban.max_months"), evaluation.get("entry_ban.kind")
    policy = evaluation.get("entry_ban.policy_months")
    if isinstance(most, int):
        assert most in (12, 24, 36, 60, 120, 240)
        if most > 60 and heavy not in (UNKNOWN, NONE):
            assert heavy == "heavy"
        if isinstance(policy, int):
            assert policy <= most
    days = evaluation.get("departure_term.days")
    if isinstance(days, int):
        assert 0 <= days <= 28


@given(seed=SEEDS)
@FAST
def test_a_day_on_which_no_version_changes_gives_the_answer_of_the_day_before(seed: int) -> None:
    """Rules that look at dates of the case are left out: only the versions are tested here."""
    random = Random(seed)
    facts = {key: value for key, value in random_facts(random, 0.8).items() if law.types[key].kind not in ("date", "list", "countries")}
    edges = {day for rule in law.rules.values() for day in rule.period if day is not None}
    edges |= {entry[n] for table in law.tables.values() for entry in table.entries for n in (1, 2) if entry[n] is not None}  # type: ignore[misc]
    day = a_day(random)
    if day == BASE or edges & {day, day - timedelta(days=1)}:
        return
    today = Evaluation(law, {**facts, "case.reference_date": day})
    before = Evaluation(law, {**facts, "case.reference_date": day - timedelta(days=1)})
    for rule in law.rules:
        if law.rules[rule].period != (None, None):
            assert _in_force(today, rule) == _in_force(before, rule)


def _in_force(evaluation: Evaluation, rule: str) -> object:
    from grondslag.expr import All, InForce

    condition = law.rules[rule].condition
    parts = condition.parts if isinstance(condition, All) else (condition,)
    return next((part.truth(evaluation) for part in parts if isinstance(part, InForce) and part.by.key == "case.reference_date"), None)


@pytest.mark.parametrize("aggravating", ["custody", "papers", "decisions", "threat"])
@given(seed=SEEDS)
@FAST
def test_an_aggravating_fact_never_shortens_a_ban(seed: int, aggravating: str) -> None:
    random = Random(seed)
    facts = random_facts(random, 1.0)
    facts["convictions"] = ()
    changes: dict[str, tuple[dict[str, Value], dict[str, Value]]] = {
        "custody": ({"criminal.custody_days": 100}, {"criminal.custody_days": 200}),
        "papers": ({"identity.false_papers_used": False}, {"identity.false_papers_used": True}),
        "decisions": ({"return_decision.earlier_count": 1}, {"return_decision.earlier_count": 2}),
        "threat": ({"public_order.serious_threat": False}, {"public_order.serious_threat": True}),
    }
    mild, grave = changes[aggravating]
    for summary in ("criminal.custody_days", "criminal.custody_class", "criminal.serious_conviction", "return_decision.earlier_count"):
        facts.pop(summary, None)
    facts.pop("convictions" if aggravating == "custody" else "x", None)
    facts.pop("return_decisions" if aggravating == "decisions" else "x", None)
    before = Evaluation(law, {**facts, **mild}).get("entry_ban.max_months")
    after = Evaluation(law, {**facts, **grave}).get("entry_ban.max_months")
    if isinstance(before, int) and isinstance(after, int):
        assert after >= before
