"""The command as its user meets it: the installed `grondslag`, run as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "unit" / "small"
COMMAND = Path(sys.executable).with_name("grondslag")
CASE = """\
schema: 1
case: {reference_date: 2026-05-01}
x: {taken_on: 2026-03-09, left_on: none, kind: blue, days: 0, flag: false, other: true, letters: [], country: [CC]}
sentences: []
"""


def run(*args: str, text: str | None = None, width: int = 100, **env: str) -> subprocess.CompletedProcess[str]:
    """The command's result; `text` goes to standard input."""
    settings = {**os.environ, "COLUMNS": str(width), "GRONDSLAG_RULES": str(SMALL), "PYTHONIOENCODING": "utf-8", **env}
    return subprocess.run([str(COMMAND), *args], input=text, capture_output=True, text=True, encoding="utf-8", env=settings, cwd=ROOT, timeout=120, check=False)


@pytest.fixture
def case(tmp_path: Path) -> str:
    file = tmp_path / "case.yaml"
    file.write_text(CASE, encoding="utf-8")
    return str(file)


def test_a_determined_case_exits_zero_and_shows_outcome_article_and_reason(case: str) -> None:
    result = run("assess", case)
    assert (result.returncode, result.stderr) == (0, "")
    assert "verbod: moet (gebonden)" in result.stdout
    assert "Wet 66a lid 1" in result.stdout
    assert "Kan afzien." in result.stdout, "the power stands beside the outcome"


def test_an_undetermined_case_exits_one_and_names_what_is_missing(case: str) -> None:
    result = run("assess", "-", text=CASE.replace("country: [CC]", "months: 3"))
    assert result.returncode == 1
    assert "Kan de uitkomst nog veranderen" in result.stdout
    assert "x.country" in result.stdout


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_json_fits_the_published_schema_and_carries_every_part(case: str, lang: str) -> None:
    decision = json.loads(run("assess", case, "--format", "json", "--lang", lang).stdout)
    jsonschema.validate(decision, json.loads(run("schema", "decision").stdout))
    assert {"reference_date", "receipt", "rule_sets"} <= set(decision)
    beta = decision["rule_sets"]["beta"]
    assert {"status", "outcomes", "powers", "missing", "deadlines", "trace"} <= set(beta)
    outcome = beta["outcomes"]["beta.issue"]
    assert (outcome["value"], outcome["force"]) == ("must", "bound")
    citation = outcome["citations"][0]
    assert citation["jci"] == "jci1.3:c:BWBR0000000&artikel=66a&lid=1&z=2026-05-01&g=2026-05-01"


def test_the_case_fits_its_schema() -> None:
    from grondslag.yamlread import parse_yaml

    schema = json.loads(run("schema", "case").stdout)
    data = json.loads(json.dumps(parse_yaml(CASE), default=str))
    jsonschema.validate(data, schema)
    data["x"]["flag"] = "perhaps"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema)


def test_markdown_has_headings_and_links(case: str) -> None:
    text = run("assess", case, "--format", "md").stdout
    assert "## Verbod" in text and "](https://example.org/jci1.3" in text


@pytest.mark.parametrize("args", [("why", "CASE", "beta.issue"), ("why-not", "CASE", "zero"), ("facts", "dagen"), ("law", "Wet 62")], ids=lambda a: a[0])
def test_every_command_that_shows_something_does_so_as_json_and_markdown(args: tuple[str, ...], case: str) -> None:
    words = [case if word == "CASE" else word for word in args]
    json.loads(run(*words, "--format", "json").stdout)
    text = run(*words, "--format", "md").stdout
    assert text.startswith("```text\n") and text.endswith("```\n")


def test_why_shows_the_tree_and_opens_what_it_rests_on(case: str) -> None:
    text = run("why", case, "beta.issue").stdout
    assert "✓ Moet." in text and "laatste dag: 08-04-2026" in text and "termijn: 30 dagen" in text


def test_why_not_names_the_condition_that_fails(case: str) -> None:
    result = run("why-not", case, "zero", "--lang", "en")
    assert result.returncode == 0
    assert "✗ flag: no" in result.stdout
    wanted = run("why-not", case, "beta.issue=not_possible").stdout
    assert "✗ lid: nee" in wanted


def test_assumptions_stand_in_the_output(case: str) -> None:
    text = run("assess", "-", "--assume", "x.country=AA", text=CASE.replace(", country: [CC]", "")).stdout
    assert "Aangenomen: landen = AA" in text and "kan niet" in text


def test_assume_rest_false_lists_each_assumption() -> None:
    result = run("assess", "-", "--assume-rest-false", text=CASE.replace("flag: false, other: true, letters: []", "letters: [a, b]"))
    assert "Aangenomen: vlag = nee" in result.stdout
    assert result.returncode == 0


def test_as_of_takes_the_place_of_the_reference_date(case: str) -> None:
    assert "Peildatum 11-06-2026" in run("assess", case, "--as-of", "2026-06-11").stdout
    outside = run("assess", case, "--as-of", "2026-06-12")
    assert "niet gecodeerd voor deze datum" in outside.stdout and outside.returncode == 1


def test_facts_can_be_searched_as_text_and_json() -> None:
    assert "x.days" in run("facts", "dagen").stdout
    assert [fact["key"] for fact in json.loads(run("facts", "dagen te", "--format", "json").stdout)] == ["x.days"]
    assert run("facts", "zzzz").returncode == 2


def test_law_shows_versions_status_and_gaps() -> None:
    text = run("law", "Wet", "62").stdout
    assert "28 dagen" in text and "30 dagen" in text and "30-06-2025" in text and "secundaire bron" in text
    assert "buiten bereik" in run("law", "Wet", "99").stdout
    missing = run("law", "Wet", "1234")
    assert missing.returncode == 2 and "no rule rests on Wet 1234" in missing.stderr


def test_replay_says_that_nothing_differs_and_what_does(case: str, tmp_path: Path) -> None:
    decision = run("assess", case, "--format", "json").stdout
    file = tmp_path / "decision.json"
    file.write_text(decision, encoding="utf-8")
    assert run("replay", str(file)).returncode == 0
    file.write_text(decision.replace('"value": "must"', '"value": "may"', 1), encoding="utf-8")
    changed = run("replay", str(file))
    assert changed.returncode == 1 and "beta.issue value: may → must" in changed.stdout


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("assess", "nowhere.yaml"), 2, "nowhere.yaml: it cannot be opened"),
        (("assess", "-"), 2, "standard input: the file is empty"),
        (("assess", "-", "--as-of", "2026-13-01"), 2, "--as-of: `2026-13-01` is not a date"),
        (("assess", "-", "--assume", "x.flag"), 2, "--assume: `x.flag` has to be NAME=VALUE"),
        (("why-not", "-", "zzz"), 2, "standard input: the file is empty"),
        (("replay", "nowhere.json"), 2, "nowhere.json: it cannot be opened"),
        (("assess", "-", "--rules", "nowhere"), 3, "there is no such folder of rules"),
    ],
)
def test_faults_are_one_message_and_an_exit_code(args: tuple[str, ...], code: int, words: str) -> None:
    result = run(*args, text="")
    assert result.returncode == code
    assert words in result.stderr and "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("width", [40, 60, 72, 100, 200])
def test_no_line_is_wider_than_the_terminal(case: str, width: int) -> None:
    lines = run("assess", case, width=width).stdout.splitlines()
    assert max(map(len, lines)) <= max(width, 40)


def test_a_terminal_without_unicode_gets_plain_characters(case: str) -> None:
    result = run("why", case, "beta.issue", PYTHONIOENCODING="ascii")
    assert result.returncode == 0 and result.stdout.isascii()


def test_a_closed_pipe_is_no_traceback(case: str) -> None:
    script = f"{COMMAND} facts | head -n 1"
    result = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in result.stderr


def test_help_lists_the_commands() -> None:
    text = run("--help").stdout
    for name in ("assess", "why", "why-not", "facts", "law", "replay", "schema"):
        assert f"  {name} " in text
