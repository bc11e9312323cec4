"""The case files under fixtures/ (judgments and made-up cases) give what they say they give, and say what a reader needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from examples import compare
from grondslag import Decision, Law, assess, case_from_data
from grondslag.decision import Step
from grondslag.examples import Example, fixture
from grondslag.yamlread import parse_yaml

ROOT = Path(__file__).parents[2]
JUDGMENTS = sorted((ROOT / "fixtures" / "judgments").glob("*.yaml"))
CASES = sorted((ROOT / "fixtures" / "cases").glob("*.yaml"))
OUTCOMES = {"upheld", "annulled", "partly", "not_shown"}
ABOUT = {"title", "ecli", "court", "judgment_of", "outcome", "says", "decidable", "why", "note"} | {
    "expect", "applies", "fails", "missing", "powers", "cites", "readings", "through"
}  # fmt: skip


def _read(file: Path) -> dict[str, Any]:
    data = parse_yaml(file.read_text(encoding="utf-8"))
    assert isinstance(data, Mapping), f"{file.name} is no mapping"
    return dict(data)


def _faults(file: Path, law: Law) -> list[str]:
    example = fixture(_read(file), file.stem, file.name)
    decision = assess(case_from_data(example.case, law, file.name), law)
    return [*compare(example, decision), *_not_through(example, decision)]


def _not_through(example: Example, decision: Decision) -> list[str]:
    """The outcomes on which a result should rest and that the trace of its live rules does not name."""
    faults = []
    for key, others in example.through.items():
        seen = _rests_on(decision, key)
        faults += [f"through: the trace of {key} does not rest on {other}" for other in others if other not in seen]
    return faults


def _rests_on(decision: Decision, key: str) -> set[str]:
    seen: set[str] = set()
    todo = [key]
    while todo:
        trace = decision.traces.get(todo.pop())
        for rule in trace.rules if trace else ():
            found = {*_keys(rule.conditions), *rule.reads} - seen
            seen |= found
            todo += found
    return seen


def _keys(step: Step | None) -> Iterator[str]:
    if step is not None:
        yield from step.keys
        for part in step.parts:
            yield from _keys(part)


def _both(text: Any) -> bool:
    return isinstance(text, Mapping) and all(isinstance(text.get(lang), str) and text[lang].strip() for lang in ("nl", "en"))


def test_there_are_fixtures() -> None:
    assert len({_read(file)["about"]["ecli"] for file in JUDGMENTS}) >= 50
    assert len(CASES) >= 8


def test_the_judgments_reach_every_rule_set(law: Law) -> None:
    """At least three judgments for each of the seven sets have an outcome of that set to give."""
    reached: dict[str, set[str]] = {}
    for file in JUDGMENTS:
        about = _read(file)["about"]
        for key in about["expect"]:
            reached.setdefault(law.outcomes[key].set, set()).add(about["ecli"])
    wanted = ("track", "amv", "art64", "departure_term", "buitenschuld", "entry_ban", "reception")
    assert {name: len(reached.get(name, ())) for name in wanted if len(reached.get(name, ())) < 3} == {}


@pytest.mark.parametrize("file", [*JUDGMENTS, *CASES], ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_gives_what_it_says(file: Path, law: Law) -> None:
    assert _faults(file, law) == []


@pytest.mark.parametrize("file", [*JUDGMENTS, *CASES], ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_says_what_a_reader_needs(file: Path) -> None:
    about = _read(file)["about"]
    assert set(about) <= ABOUT
    assert _both(about["title"])
    assert _both(about["why"])
    assert about["decidable"] in {"yes", "partly", "no"}
    assert about["expect"]


@pytest.mark.parametrize("file", JUDGMENTS, ids=lambda f: f.stem)
def test_judgment_is_a_known_source(file: Path) -> None:
    sources = [parse_yaml(source.read_text(encoding="utf-8")) for source in (ROOT / "rules" / "sources").glob("judgments*.yaml")]
    known = {j["ecli"]: j for source in sources for j in source["judgments"]}
    about = _read(file)["about"]
    assert about["ecli"] in known
    assert about["judgment_of"] == known[about["ecli"]]["date"]
    assert about["outcome"] in OUTCOMES
    assert _both(about["says"])
    assert about["court"]
    assert about["note"]
    court, year, number = about["ecli"].split(":")[2:]
    assert file.stem.startswith(f"{court}-{year}-{number}".lower())
