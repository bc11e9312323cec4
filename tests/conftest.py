from __future__ import annotations

from pathlib import Path

import pytest

from grondslag import Law, load_rules

SMALL = Path(__file__).parent / "unit" / "small"


@pytest.fixture(scope="session")
def law() -> Law:
    """The real law."""
    return load_rules()


@pytest.fixture(scope="session")
def small() -> Law:
    """A made-up law of a few rules that uses every part of the rule language."""
    return load_rules(SMALL)
