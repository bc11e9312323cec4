"""The expression language and its functions, at their edges."""

from __future__ import annotations

from datetime import date

import pytest

from grondslag import Law
from grondslag.assess import engine_for, hold_together
from grondslag.explain import Evaluation
from grondslag.expr import show
from grondslag.parse import ExpressionError, Scope, parse_condition, parse_value
from grondslag.values import DATE, NONE, UNKNOWN, Duration, Truth, Value, birthday, full_months, full_years, shift


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2023-01-31", 2, "2023-03-31"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-03-31", -1, "2024-02-29"),
    ],
)
def test_months_keep_the_day_or_take_the_last_one(start: str, months: int, end: str) -> None:
    assert shift(date.fromisoformat(start), Duration(months)) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("kind", "status", "consumer", "missing"), [("red", "determined", "determined", set()), ("blue", "not_encoded", "undetermined", {"beta.months"})]
)
def test_a_rule_can_say_that_the_answer_is_not_encoded(kind: str, status: str, consumer: str, missing: set[str], small: Law) -> None:
    """Nothing is guessed: the outcome says so, and what reads it is undetermined and names it."""
    facts: dict[str, Value] = {"x.kind": kind, "x.flag": True, "x.other": False, "x.letters": frozenset("ab"), "x.country": frozenset({"DE"})}
    facts |= {"case.reference_date": date(2024, 5, 1), "x.taken_on": date(2024, 4, 1), "x.left_on": NONE}
    evaluation = Evaluation(small, facts)
    assert evaluation.result("beta.issue").value == "must"
    assert evaluation.result("beta.months").status == status
    assert evaluation.result("beta.long").status == consumer
    assert evaluation.missing("beta.long") == missing
    decided = engine_for(small).decide(facts)
    hold_together(small, decided, evaluation)


def test_who_is_born_on_29_february_is_a_year_older_on_1_march() -> None:
    assert birthday(date(2008, 2, 29), 18) == date(2026, 3, 1)
    assert birthday(date(2008, 2, 29), 16) == date(2024, 2, 29)
    assert full_years(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert full_years(date(2008, 2, 29), date(2026, 3, 1)) == 18


def test_whole_months_are_reached_on_the_same_day() -> None:
    assert full_months(date(2024, 1, 15), date(2024, 3, 14)) == 1
    assert full_months(date(2024, 1, 15), date(2024, 3, 15)) == 2
    assert full_months(date(2024, 1, 31), date(2024, 2, 29)) == 1


@pytest.mark.parametrize(
    ("text", "facts", "truth"),
    [
        ("x.flag and x.other", {"x.flag": True}, None),
        ("x.flag and x.other", {"x.flag": False}, False),
        ("x.flag or x.other", {"x.flag": True}, True),
        ("not x.flag", {}, None),
        ("3 < x.days <= 90", {"x.days": 3}, False),
        ("3 < x.days <= 90", {"x.days": 4}, True),
        ("3 < x.days <= 90", {"x.days": 90}, True),
        ("3 < x.days <= 90", {"x.days": 91}, False),
        ("x.left_on > x.taken_on", {"x.left_on": NONE}, False),
        ("not x.left_on > x.taken_on", {"x.left_on": NONE}, True),
        ("x.left_on == none", {"x.left_on": NONE}, True),
        ("x.left_on == none", {"x.left_on": date(2024, 1, 1)}, False),
        ("x.kind in [red, blue]", {"x.kind": "none"}, False),
        ("x.letters <= {a, b}", {"x.letters": frozenset("a")}, True),
        ("x.letters <= {a, b}", {"x.letters": frozenset("ac")}, False),
        ("x.letters == {a}", {"x.letters": frozenset("a")}, True),
        ("any(s.final for s in sentences)", {"sentences": ({"final": False}, {})}, None),
        ("any(s.final for s in sentences)", {"sentences": ({"final": True}, {})}, True),
        ("any(s.final for s in sentences)", {"sentences": ()}, False),
        ("all(s.final for s in sentences)", {"sentences": ()}, True),
        ("sum(s.days for s in sentences if s.final) >= 180", {"sentences": ({"final": True, "days": 150}, {"final": True, "days": 30})}, True),
        ("sum(s.days for s in sentences if s.final) >= 180", {"sentences": ({"final": True, "days": 150}, {"days": 30})}, None),
        ("any(listed(members, c, x.taken_on) for c in x.country)", {"x.country": frozenset({"BB"}), "x.taken_on": date(2015, 12, 31)}, True),
        ("any(listed(members, c, x.taken_on) for c in x.country)", {"x.country": frozenset({"BB"}), "x.taken_on": date(2016, 1, 1)}, False),
    ],
)  # fmt: skip
def test_truth(text: str, facts: dict[str, Value], truth: Truth, small: Law) -> None:
    condition = parse_condition(text, Scope(small.types, small.tables, small.calendar))
    assert condition.truth(Evaluation(small, facts)) is truth
    again = parse_condition(show(condition).replace("true", "True"), Scope(small.types, small.tables, small.calendar))
    assert show(again) == show(condition)


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        ("2026-04-06", "2026-04-07"),  # Easter Monday
        ("2026-04-03", "2026-04-07"),  # Good Friday, then the weekend, then Easter Monday
        ("2026-04-27", "2026-04-28"),  # King's Day
        ("2013-04-30", "2013-05-01"),  # Queen's Day until 2013
        ("2024-05-05", "2024-05-06"),  # Liberation Day on a Sunday
        ("2022-05-05", "2022-05-06"),  # Liberation Day, no lustrum
        ("2026-05-14", "2026-05-15"),  # Ascension Day
        ("2026-05-25", "2026-05-26"),  # Whit Monday
        ("2025-12-25", "2025-12-29"),  # both Christmas days, then the weekend
        ("2026-01-01", "2026-01-02"),
        ("2026-03-02", "2026-03-02"),
    ],
)
def test_a_term_that_ends_on_no_working_day_moves(day: str, moved: str, law: Law) -> None:
    assert law.calendar is not None
    assert law.calendar.next_working_day(date.fromisoformat(day)) == date.fromisoformat(moved)


def test_through_counts_its_first_day(small: Law) -> None:
    operand = parse_value("through(x.taken_on, months(12))", DATE, Scope(small.types))
    assert operand.value(Evaluation(small, {"x.taken_on": date(2024, 2, 29)})) == date(2025, 2, 27)
    assert operand.value(Evaluation(small, {"x.taken_on": NONE})) is NONE
    assert operand.value(Evaluation(small, {})) is UNKNOWN


@pytest.mark.parametrize(
    "text", ["lambda: 1", "[x for x in y]", "x.flag if x.other else x.flag", "f'{x.flag}'", "x.flag := True", "(yield)", "x['flag']", "x.flag.__class__"]
)
def test_nothing_else_of_python_is_accepted(text: str, small: Law) -> None:
    with pytest.raises(ExpressionError):
        parse_condition(text, Scope(small.types))
