"""No module knows the law: no article, no country, no number of days stands in the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "cli").rglob("*.py")])
ARTICLE = re.compile(r"\b(Vw|Vb|Vc|VV|Rva|Awb|Atw|Sr|RD)\.? ?\d+|\b[Aa]rt(ikel|icle)?\.? \d+|ECLI:[A-Z]{2}:[A-Z]+:\d|\bC-\d+/\d+")
KEYS = re.compile(r"\b(departure_term|entry_ban|amv|track|art64|buitenschuld|reception|measure|residence|remedy|decision)\.[a-z_]+\b")
PLAIN = {"decision.py", "decision.model_dump", "decision.yaml"}
LEGAL_NUMBERS = {3, 14, 28, 90, 180, 240, 120, 60, 36, 24, 18}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_no_article_or_judgment(file: Path) -> None:
    assert ARTICLE.findall(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_no_fact_or_outcome_is_named(file: Path) -> None:
    """Save the reference date, which the engine itself needs."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not _is_docstring_like(node.value):
            found = {match[0] for match in KEYS.finditer(node.value)}
            assert found <= PLAIN, node.value


def _is_docstring_like(text: str) -> bool:
    return "\n" in text or text.endswith(".")


@pytest.mark.parametrize(
    "file", [f for f in FILES if f.name in ("explain.py", "assess.py", "trace.py", "case.py", "model.py", "sources.py")], ids=lambda f: f.name
)
def test_no_number_of_the_law(file: Path) -> None:
    numbers = {node.value for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant) and type(node.value) is int}
    assert not numbers & LEGAL_NUMBERS


def test_no_country() -> None:
    for file in FILES:
        assert re.findall(r"\b(Netherlands|Nederland|Belgium|Germany|Italy|Syria)\b|[\"'](NL|DE|BE|SY)[\"']", file.read_text(encoding="utf-8")) == [], file.name
