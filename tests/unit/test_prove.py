"""`prove` on a small law: clean it is proven, and each planted fault is found by the check that is meant for it, with a case that shows it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grondslag import ConflictError, Law, load_rules
from grondslag.case import case_from_data
from grondslag.explain import Evaluation
from grondslag.prove import Finding, prove

SMALL = Path(__file__).parent / "small"


@pytest.fixture
def planted(tmp_path: Path) -> Callable[..., Law]:
    """The small law with one text in one file replaced."""

    def plant(file: str, old: str, new: str) -> Law:
        folder = tmp_path / "rules"
        shutil.copytree(SMALL, folder)
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old} stands {text.count(old)} times in {file}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        return load_rules(folder)

    return plant


def _wrong(law: Law, *checks: str) -> list[Finding]:
    return [
        finding for finding in prove(law, (), checks or ("conflict", "dead", "exception", "versions", "invariant"), workers=1) if finding.verdict != "proven"
    ]


def test_the_small_law_is_proven(small: Law) -> None:
    assert _wrong(small) == []


def test_a_main_outcome_that_may_be_missing_is_told_with_the_smallest_case(small: Law) -> None:
    (finding,) = _wrong(small, "total")
    assert (finding.subject, finding.verdict) == ("alpha.days", "refuted")
    assert set(finding.facts) == {"case.reference_date", "x.taken_on"}
    evaluation = Evaluation(small, case_from_data(finding.case(), small, "found").known)
    assert evaluation.result("alpha.days").status == "not_applicable"


def test_a_lost_exception_is_a_conflict(planted: Callable[..., Law]) -> None:
    law = planted("alpha/set.yaml", "exception_to: [general, shorter], ", "exception_to: [general], ")
    (finding,) = _wrong(law, "conflict")
    assert finding.subject == "alpha.days"
    assert "zero" in finding.says
    assert "shorter" in finding.says
    with pytest.raises(ConflictError):
        Evaluation(law, case_from_data(finding.case(), law, "found").known).result("alpha.days")


def test_an_overlap_of_one_day_in_a_threshold_is_a_conflict(planted: Callable[..., Law]) -> None:
    """Two rules for `<= 90` and `>= 90` days: only the case of exactly ninety days shows it."""
    law = planted(
        "alpha/set.yaml",
        "  - {id: flagged,",
        "  - {id: long-stay, exception_to: [general], cite: [Wet 62], in_force: {from: 2011-12-31}, when: [x.days >= 90, x.kind == none, not x.flag],"
        ' then: {alpha.days: 3}, force: bound, checked: {status: primary, against: Wet}, says: {nl: "Lang.", en: "Long."}}\n  - {id: flagged,',
    )
    (finding,) = _wrong(law, "conflict")
    assert finding.facts["x.days"] == 90


def test_a_gap_between_versions(planted: Callable[..., Law]) -> None:
    (finding,) = _wrong(planted("alpha/set.yaml", "until: 2025-06-30", "until: 2025-06-29"), "versions")
    assert finding.subject == "four-weeks"
    assert "2025-06-29" in finding.says


def test_a_dead_rule(planted: Callable[..., Law]) -> None:
    law = planted("alpha/set.yaml", "when: x.total >= 180,", "when: [x.total >= 180, x.total < 170],")
    assert [(f.check, f.subject) for f in _wrong(law, "dead")] == [("dead", "ground-a")]


def test_an_exception_that_never_matters(planted: Callable[..., Law]) -> None:
    """`shorter` would set `flagged` aside, but the two never hold together."""
    condition = 'when: {any: [x.kind == red, "3 < x.days <= 90"]},'
    law = planted(
        "alpha/set.yaml", f"exception_to: [general], {condition}", f"exception_to: [general, flagged], {condition.replace('{any', '[x.flag, {any')[:-1]}],"
    )
    assert [(f.check, f.subject) for f in _wrong(law, "exception")] == [("exception", "shorter → flagged")]


INVARIANT = "invariants:\n  - {id: limit, must: not alpha.days > LIMIT, says: {nl: hooguit zoveel dagen, en: so many days at most}}\nrules:\n"


def test_an_invariant_that_does_not_hold(planted: Callable[..., Law]) -> None:
    law = planted("alpha/set.yaml", "rules:\n", INVARIANT.replace("LIMIT", "28"))
    (finding,) = _wrong(law, "invariant")
    assert finding.subject == "limit"
    assert Evaluation(law, case_from_data(finding.case(), law, "found").known).result("alpha.days").value == 30


def test_an_invariant_that_holds(planted: Callable[..., Law]) -> None:
    assert _wrong(planted("alpha/set.yaml", "rules:\n", INVARIANT.replace("LIMIT", "30")), "invariant") == []
