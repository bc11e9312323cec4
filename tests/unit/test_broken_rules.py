"""Each broken rule file gives exactly its message: file, line, rule, what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import SMALL
from grondslag import RuleError, load_rules

BAD = Path(__file__).parent / "bad"


@pytest.mark.parametrize("file", sorted(BAD.glob("*.yaml")), ids=lambda f: f.stem)
def test_message(file: Path, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8")
    marks = dict(line.removeprefix("# ").split(": ", 1) for line in text.splitlines() if line.startswith("# "))
    rules = tmp_path / "rules"
    shutil.copytree(SMALL, rules)
    (rules / marks.get("file", "alpha/bad.yaml")).write_text(text, encoding="utf-8")
    with pytest.raises(RuleError) as fault:
        load_rules(rules)
    assert fault.value.problems == (marks["expect"],)


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(SMALL, rules)
    for name in ("unknown_fact", "bad_enum"):
        text = (BAD / f"{name}.yaml").read_text(encoding="utf-8").replace("id: r,", f"id: {name},")
        (rules / "alpha" / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RuleError) as fault:
        load_rules(rules)
    assert len(fault.value.problems) == 2


def test_an_empty_or_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no rules"):
        load_rules(tmp_path)
    with pytest.raises(RuleError, match="no such folder"):
        load_rules(tmp_path / "nowhere")
