"""Grondslag: an open rules engine for Dutch immigration law.

>>> from grondslag import assess, load_rules, read_case
>>> law = load_rules()
>>> decision = assess(read_case("case.yaml", law), law)  # doctest: +SKIP
"""

from __future__ import annotations

from .assess import __version__, assess, assume_rest_false, replay
from .case import Case, case_from_data, read_case
from .decision import Decision
from .errors import ConflictError, DisagreementError, GrondslagError, InputError, RuleError
from .load import load_rules
from .model import Law

__all__ = [
    "Case",
    "ConflictError",
    "Decision",
    "DisagreementError",
    "GrondslagError",
    "InputError",
    "Law",
    "RuleError",
    "__version__",
    "assess",
    "assume_rest_false",
    "case_from_data",
    "load_rules",
    "read_case",
    "replay",
]
