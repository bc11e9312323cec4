"""Bad input: one clear message that names where, what and how to mend it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from grondslag import InputError, Law, case_from_data, read_case

MARKS = "{value: …, source: …, stated_by: …, disputed: …}"
GOOD = "case: {reference_date: 2024-05-01}\n"


def told(text: str | bytes, law: Law, tmp_path: Path, name: str = "c.yaml") -> tuple[str, ...]:
    """The messages for a case file, without the folder."""
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as fault:
        read_case(file, law)
    return tuple(problem.replace(f"{tmp_path}/", "") for problem in fault.value.problems)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "c.yaml: the file is empty; a case begins with `case: {reference_date: YYYY-MM-DD}`."),
        ("# only a remark\n", "c.yaml: the file is empty; a case begins with `case: {reference_date: YYYY-MM-DD}`."),
        ("- a\n- b\n", "c.yaml: a case is a mapping of groups of facts, not a list."),
        ("just words", "c.yaml: a case is a mapping of groups of facts, not `just words`."),
        ("x: {flag: true}\n", "c.yaml: case.reference_date is missing; give the date on which the law is applied, or --as-of."),
        ("case: {reference_date: 2024-02-30}\n", "c.yaml:1: 2024-02-30 is not a date that exists."),
        ("case: {reference_date: 2024-05-01 10:30:00}\n", "c.yaml:1: 2024-05-01 10:30:00 has a time of day; a date is 2024-05-01."),
        (GOOD + "x: {flag: yes}\n", "c.yaml:2: x.flag: `yes` does not fit; expected true or false."),
        (GOOD + "x: {flga: true}\n", "c.yaml:2: unknown fact x.flga (did you mean x.flag?)."),
        (GOOD + "xx: {flag: true}\n", "c.yaml:2: unknown group of facts xx (did you mean x?)."),
        (GOOD + "x:\n  kind: reed\n", "c.yaml:3: x.kind: `reed` is not one of red, blue, none (did you mean red?)."),
        (GOOD + "x: {days: many}\n", "c.yaml:2: x.days: `many` does not fit; expected a whole number of days."),
        (GOOD + "x: {days: 2.5}\n", "c.yaml:2: x.days: `2.5` does not fit; expected a whole number of days."),
        (GOOD + "x: {days: -1}\n", "c.yaml:2: x.days: -1 is outside what is possible (0 or more days)."),
        (GOOD + "x: {taken_on: 1700-01-01}\n", "c.yaml:2: x.taken_on: 1700-01-01 lies outside the years 1850 to 2200."),
        (GOOD + "x: {country: [nl]}\n", "c.yaml:2: x.country: `nl` is not a country code of two capitals (ISO 3166)."),
        (GOOD + "x: {letters: [a, z]}\n", "c.yaml:2: x.letters: `z` is not one of a, b, c."),
        (GOOD + "x: {letters: a}\n", "c.yaml:2: x.letters: `a` does not fit; expected a set of a, b, c."),
        (GOOD + "x: {flag: {disputed: true}}\n", "c.yaml:2: x.flag: a fact with marks is " + MARKS + "; `value` is missing."),
        (GOOD + "x: {flag: {value: true, sorce: p2}}\n", "c.yaml:2: x.flag: unknown mark sorce (did you mean source?)."),
        (GOOD + "x: true\n", "c.yaml:2: x: a group holds facts, `x: {fact: value}`, not true."),
        (GOOD + "sentences: [{dayz: 3}]\n", "c.yaml:2: sentences: item 1: unknown field dayz (did you mean days?)."),
        (GOOD + "sentences: [{days: 3}, {final: maybe}]\n", "c.yaml:2: sentences: item 2, final: `maybe` does not fit; expected true or false."),
        (GOOD + "actual: {beta.isue: must}\n", "c.yaml:2: actual: unknown outcome beta.isue (did you mean beta.issue?)."),
        (GOOD + "actual: {beta.issue: most}\n", "c.yaml:2: actual.beta.issue: `most` is not one of must, may, not_possible (did you mean must?)."),
        (GOOD + "schema: 2\n", "c.yaml:2: schema: 2 is not a schema this version reads; it reads 1."),
        (GOOD + "x: {taken_on: 2024-03-01, left_on: 2024-02-01}\n", "c.yaml: x.taken_on lies after x.left_on."),
        (GOOD + "x: {flag: true}\nx: {flag: false}\n", "c.yaml:3: the key x stands twice."),
        (GOOD + "x: &a {flag: true}\ny: *a\n", "c.yaml:2: anchors and aliases (& and *) are not accepted."),
        (GOOD + "x: !!python/object:os.system {}\n", "c.yaml:2: the tag tag:yaml.org,2002:python/object:os.system is not accepted."),
        (b"\x7fELF\x02\x01\x01\x00\x00\xff\xfe", "c.yaml: it is not text in UTF-8; a case is YAML or JSON."),
        (b"case: \x00\n", "c.yaml: it is not text; a case is YAML or JSON."),
    ],
)  # fmt: skip
def test_message(text: str | bytes, message: str, small: Law, tmp_path: Path) -> None:
    assert told(text, small, tmp_path) == (message,)


def test_all_faults_of_a_case_are_told_at_once(small: Law, tmp_path: Path) -> None:
    assert len(told(GOOD + "x: {flag: yes, days: many, colour: red}\n", small, tmp_path)) == 3


def test_yaml_that_does_not_parse_is_one_message(small: Law, tmp_path: Path) -> None:
    (message,) = told("case: {reference_date: 2024-05-01\nx: [", small, tmp_path)
    assert message.startswith("c.yaml:") and "it is not YAML" in message


def test_json_that_does_not_parse_is_one_message(small: Law, tmp_path: Path) -> None:
    (message,) = told('{"case": ', small, tmp_path, "c.json")
    assert message == "c.json:1: it is not JSON: Expecting value."


@pytest.mark.parametrize(
    "text",
    [
        "a" * 50_000_000,
        "x: " + "[" * 100_000,
        "a: &a [x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)),
        "{" * 3_000,
    ],
    ids=["50 MB", "deep", "bomb", "braces"],
)
def test_hostile_files_are_refused_fast(text: str, small: Law, tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(text, encoding="utf-8")
    start = time.monotonic()
    with pytest.raises(InputError) as fault:
        read_case(file, small)
    assert len(fault.value.problems) == 1
    assert time.monotonic() - start < 20  # far above what it takes; guards against growth without end


def test_a_missing_file_and_a_folder_are_said(small: Law, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        read_case(tmp_path / "none.yaml", small)
    with pytest.raises(InputError, match="it is a folder"):
        read_case(tmp_path, small)


def test_a_disputed_fact_counts_as_unknown_and_both_values_are_kept(small: Law) -> None:
    data = {"case": {"reference_date": "2024-05-01"}, "x": {"kind": {"value": "red", "other": "blue", "disputed": True, "stated_by": "alien"}}}
    case = case_from_data(data, small)
    assert "x.kind" not in case.known
    assert (case.facts["x.kind"].value, case.facts["x.kind"].other) == ("red", "blue")


def test_null_is_unknown(small: Law) -> None:
    assert "x.flag" not in case_from_data({"case": {"reference_date": "2024-05-01"}, "x": {"flag": None}}, small).facts
