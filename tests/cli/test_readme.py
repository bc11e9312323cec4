"""What the README shows is what the command gives; every command is named there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grondslag import Law

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("grondslag")
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```\n\$ grondslag ([^\n]+)\n(.*?)\n```", TEXT, re.S)


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=lambda part: part.split()[0])
def test_output(command: str, shown: str) -> None:
    env = {**os.environ, "COLUMNS": "90", "PYTHONIOENCODING": "utf-8"}
    result = subprocess.run([str(COMMAND), *command.split()], capture_output=True, text=True, encoding="utf-8", env=env, cwd=ROOT, timeout=120, check=False)
    assert shown.removesuffix("\n  …") in result.stdout


def test_some_output_is_shown() -> None:
    assert len(SHOWN) >= 2


def test_every_command_is_named() -> None:
    result = subprocess.run([str(COMMAND), "--help"], capture_output=True, text=True, timeout=60, check=True)
    commands = re.findall(r"^  ([a-z][a-z-]*)  ", result.stdout.split("Commands:")[1], re.M)
    assert commands and all(f"grondslag {name}" in TEXT for name in commands)


def test_the_library_example_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    assert result.returncode == 0, result.stderr


def test_the_state_is_that_of_the_rules(law: Law) -> None:
    """Rule set, last day and number of rule versions in the table are those of `rules/`."""
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([\d-]+) \| (\d+) \|$", TEXT, re.M)
    assert len(rows) == 7
    for name, until, versions in rows:
        last = law.sets[name].encoded[1]
        assert last is not None and until == f"{last.day}-{last.month}-{last.year}"
        assert int(versions) == len(law.sets[name].rules)
