"""docs/coverage.md is what the rules, the examples and the judgments give now."""

from __future__ import annotations

from pathlib import Path

from grondslag import Law
from grondslag.coverage import coverage, markdown
from grondslag.examples import read_examples

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date(law: Law) -> None:
    examples = [*read_examples(ROOT / "tests" / "rules"), *read_examples(ROOT / "fixtures" / "judgments")]
    made = markdown(coverage(law, examples), "en")
    assert made.splitlines() == (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8").splitlines(), "run `make coverage`"


def test_every_provision_of_the_dossier_is_accounted_for(law: Law) -> None:
    """The loader refuses a listed provision without rules or reason; here: the lists are there, for each rule set with a chapter."""
    for rule_set in law.sets.values():
        if not rule_set.derived:
            assert len(rule_set.provisions) > 10, rule_set.id
