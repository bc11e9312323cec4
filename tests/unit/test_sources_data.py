"""The sources and tables as data: well formed, unique, resolvable. Reads nothing outside the repository and needs no engine."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import holidays
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "rules"
TABLES = sorted((RULES / "tables").glob("*.yaml"))
COUNTRY_TABLES = ("eu_states", "eea_states", "ch", "rd_area", "schengen_area")

ECLI = re.compile(r"ECLI:(NL|EU):[A-Z]{1,7}:(\d{4}):[A-Z0-9]{1,25}")
BWB = re.compile(r"BWB[RV]\d{7}")
CELEX = re.compile(r"(3\d{4}[LR]\d{4}|1\d{4}[A-Z]/TXT|5\d{4}PC\d{4})")
PLACEHOLDERS = {"id", "date", "article", "paragraph", "letter", "chapter", "section", "year", "number", "dossier"}
STATUS = {"primary", "secondary", "none"}


@cache
def read(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def all_works() -> dict[str, dict[str, Any]]:
    return dict(read(RULES / "sources" / "works.yaml")["works"])


def works() -> dict[str, dict[str, Any]]:
    """The works that are described, without the other abbreviations of one."""
    return {key: work for key, work in all_works().items() if "same_as" not in work}


def judgments() -> list[dict[str, Any]]:
    return list(read(RULES / "sources" / "judgments.yaml")["judgments"])


def table(name: str) -> dict[str, Any]:
    return dict(read(RULES / "tables" / f"{name}.yaml"))


def label(judgment: dict[str, Any]) -> str:
    return str(judgment["ecli"] or judgment["aliases"][0])


def bilingual(text: Any) -> bool:
    return set(text) == {"nl", "en"} and all(isinstance(text[k], str) and text[k].strip() for k in text)


def placeholders(pattern: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", pattern))


# --- works


@pytest.mark.parametrize("key", works())
def test_work_is_well_formed(key: str) -> None:
    work = works()[key]
    assert bilingual(work["title"])
    assert work["kind"] in {"bwb", "celex", "treaty", "journal", "policy"}
    assert work["division"] in {"article", "circular", "number"}
    assert work["checked"]["status"] in STATUS
    assert ("id" in work) != ("ids" in work)
    for number in [*work.get("ids", {}).values(), *([work["id"]] if work.get("id") else [])]:
        assert BWB.fullmatch(number) or CELEX.fullmatch(number), number
    if work["kind"] == "celex":
        assert CELEX.fullmatch(work["id"]), "Union acts in force here all have a number"
    if "note" in work:
        assert bilingual(work["note"])


@pytest.mark.parametrize("key", works())
def test_work_links_can_be_filled(key: str) -> None:
    work = works()[key]
    identified = bool(work.get("id") or work.get("ids"))
    for pattern in filter(None, (work.get("link"), work.get("jci"))):
        assert placeholders(pattern) <= PLACEHOLDERS
        assert identified or "{id}" not in pattern, "a pattern needs a number that is not known"
    assert (work.get("link") or "https://").startswith("https://")
    assert not work.get("jci") or (work["kind"] == "bwb" and work["jci"].startswith("jci1.3:c:{id}"))


@pytest.mark.parametrize("key", works())
def test_work_periods_are_ordered_dates(key: str) -> None:
    for period in works()[key].get("periods", []):
        assert period.keys() <= {"from", "until"} and period
        assert all(isinstance(day, date) for day in period.values())
        assert period.get("from", date.min) <= period.get("until", date.max)


def test_numbers_are_not_shared_by_different_works() -> None:
    numbers = Counter(n for work in works().values() for n in [work.get("id"), *work.get("ids", {}).values()] if n)
    assert [number for number, times in numbers.items() if times > 1] == []


def test_same_as_names_a_described_work() -> None:
    for key, work in all_works().items():
        if "same_as" in work:
            assert work.keys() == {"same_as"} and work["same_as"] in works(), key


def test_published_decisions_name_a_journal() -> None:
    for number, publication in works()["WBV"]["published"].items():
        assert re.fullmatch(r"\d{4}/\d+", number)
        assert re.fullmatch(r"(Stb|Stcrt)\. \d{4}, \d+", publication)


def test_abbreviations_of_the_rule_language_exist() -> None:
    """The forms that docs/writing-rules.md promises."""
    assert {"Vw", "Vb", "VV", "Vc", "Rva", "Awb", "Atw", "Sr", "RD", "ECHR", "Stb.", "Stcrt."} <= all_works().keys()


# --- judgments


def test_every_ecli_is_well_formed_and_unique() -> None:
    eclis = [j["ecli"] for j in judgments() if j["ecli"]]
    assert [e for e in eclis if not ECLI.fullmatch(e)] == []
    assert [e for e, n in Counter(eclis).items() if n > 1] == []


def test_every_alias_is_unique_and_no_work() -> None:
    aliases = [a for j in judgments() for a in j["aliases"]]
    assert [a for a, n in Counter(aliases).items() if n > 1] == []
    assert set(aliases).isdisjoint(all_works())
    assert set(aliases).isdisjoint({j["ecli"] for j in judgments()})


@pytest.mark.parametrize("judgment", judgments(), ids=label)
def test_judgment_is_well_formed(judgment: dict[str, Any]) -> None:
    assert judgment["court"]
    assert judgment["ecli"] or judgment["aliases"], "nothing to cite it by"
    assert judgment["checked"] in STATUS
    assert bilingual(judgment["summary"])
    assert all(re.fullmatch(r"\w+\.md", chapter) for chapter in judgment["chapters"])
    assert judgment.get("kind", "order") in {"order", "opinion", "reference", "provisional"}
    assert judgment.get("outcome_seen", False) is False
    assert not (judgment["ecli"] and "link" in judgment), "a link follows from the ECLI"
    assert judgment.get("link", "https://").startswith("https://")
    if "note" in judgment:
        assert bilingual(judgment["note"])


@pytest.mark.parametrize("judgment", judgments(), ids=label)
def test_judgment_date_agrees_with_its_ecli(judgment: dict[str, Any]) -> None:
    day = judgment["date"]
    assert day is None or (type(day) is date and date(1990, 1, 1) < day < date(2027, 1, 1))
    match = ECLI.fullmatch(judgment["ecli"] or "")
    if day and match:
        # A judgment of the last days of a year may be numbered in the next.
        assert int(match[2]) - day.year in {0, 1}


@pytest.mark.parametrize("judgment", judgments(), ids=label)
def test_court_agrees_with_its_ecli(judgment: dict[str, Any]) -> None:
    courts = {
        "NL:RVS": "Afdeling bestuursrechtspraak",
        "NL:HR": "Hoge Raad",
        "NL:PHR": "Parket",
        "NL:CRVB": "Centrale Raad",
        "NL:RBDHA": "Rechtbank Den Haag",
        "NL:RBSGR": "Rechtbank 's-Gravenhage",
        "EU:C": "Hof van Justitie",
    }
    if judgment["ecli"]:
        code = ":".join(judgment["ecli"].split(":")[1:3])
        assert judgment["court"].startswith(courts.get(code, "Rechtbank"))


def test_ecli_links_cover_every_country() -> None:
    links = read(RULES / "sources" / "judgments.yaml")["links"]
    assert {j["ecli"].split(":")[1] for j in judgments() if j["ecli"]} <= links.keys()
    assert all(placeholders(link) == {"ecli"} for link in links.values())


def test_case_number_is_an_alias() -> None:
    for judgment in judgments():
        for number in filter(None, (judgment["case_number"] or "").split(", ")):
            assert number in judgment["aliases"], label(judgment)


# --- tables


@pytest.mark.parametrize("path", TABLES, ids=lambda p: p.stem)
def test_table_is_well_formed(path: Path) -> None:
    """A file holds one table of its own name, or a list of tables."""
    content = read(path)
    assert "tables" in content or content["id"] == path.stem
    for found in content.get("tables", [content]):
        assert bilingual(found["title"])
        assert found["checked"]["status"] in STATUS
        assert found["cite"]
        if "note" in found:
            assert bilingual(found["note"])
        for entry in found.get("entries", []):
            assert {"value"} <= entry.keys()
            assert all(type(entry[k]) is date for k in ("from", "until") if k in entry)
            assert entry.get("from", date.min) <= entry.get("until", date.max)


@pytest.mark.parametrize("name", COUNTRY_TABLES)
def test_countries_are_codes_listed_once(name: str) -> None:
    values = [entry["value"] for entry in table(name)["entries"]]
    assert [v for v in values if not (isinstance(v, str) and re.fullmatch(r"[A-Z]{2}", v))] == []
    assert len(values) == len(set(values))


def members(name: str, day: date) -> set[str]:
    return {e["value"] for e in table(name)["entries"] if e.get("from", date.min) <= day <= e.get("until", date.max)}


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2004, 4, 30), 15),
        (date(2004, 5, 1), 25),
        (date(2012, 1, 1), 27),
        (date(2013, 6, 30), 27),
        (date(2013, 7, 1), 28),
        (date(2020, 1, 31), 28),
        (date(2020, 2, 1), 27),
        (date(2026, 6, 11), 27),
    ],
)
def test_number_of_member_states(day: date, count: int) -> None:
    assert len(members("eu_states", day)) == count


@pytest.mark.parametrize("day", [date(2011, 12, 31), date(2013, 6, 30), date(2013, 7, 1), date(2020, 1, 31), date(2020, 2, 1), date(2026, 6, 11)])
def test_return_directive_area_is_the_union_without_ireland_and_the_uk_plus_four(day: date) -> None:
    assert members("rd_area", day) == members("eu_states", day) - {"IE", "GB"} | members("eea_states", day) | members("ch", day)


def test_schengen_area_lies_within_the_return_directive_area() -> None:
    for day in (date(2011, 12, 31), date(2023, 1, 1), date(2024, 3, 31), date(2026, 6, 11)):
        assert members("schengen_area", day) <= members("rd_area", day)
    assert members("rd_area", date(2026, 6, 11)) - members("schengen_area", date(2026, 6, 11)) == {"CY"}


# --- holidays


@cache
def days_of(year: int) -> dict[date, set[str]]:
    """Day → names of the holidays of the Atw on it, from the library and the names in the table."""
    atw = table("atw")
    found = holidays.country_holidays(atw["country"], years=year, language=atw["language"], categories=tuple(atw["categories"]))
    return {day: names for day, text in found.items() if (names := set(text.split("; ")) & set(atw["holidays"]))}


@pytest.mark.parametrize("year", range(2010, 2031))
def test_atw_holidays_of_a_year(year: int) -> None:
    days = days_of(year)
    names = [name for on_day in days.values() for name in on_day]
    sovereign = "Queen's Day" if year < 2014 else "King's Day"
    assert sorted(names) == sorted(set(table("atw")["holidays"]) - {"Queen's Day", "King's Day"} | {sovereign})
    assert "Liberation Day" in days[date(year, 5, 5)], "5 May counts every year, not once in five"
    usual = date(year, 4, 30) if year < 2014 else date(year, 4, 27)
    celebrated = usual - timedelta(days=1) if usual.weekday() == 6 else usual
    assert sovereign in days[celebrated]
    for fixed, name in ((date(year, 1, 1), "New Year's Day"), (date(year, 12, 25), "Christmas Day"), (date(year, 12, 26), "Second Day of Christmas")):
        assert name in days[fixed]
    easter_monday = next(day for day, on_day in days.items() if "Easter Monday" in on_day)
    for offset, name in ((-3, "Good Friday"), (38, "Ascension Day"), (49, "Pentecost Monday")):
        assert name in days[easter_monday + timedelta(days=offset)]


def test_two_holidays_on_one_day() -> None:
    assert days_of(2016)[date(2016, 5, 5)] == {"Ascension Day", "Liberation Day"}


def test_holidays_of_the_worked_examples() -> None:
    """Dates that the chapters count with."""
    for day in (date(2026, 4, 27), date(2026, 5, 5), date(2026, 4, 6), date(2025, 5, 29), date(2014, 4, 26), date(2024, 5, 20)):
        assert day in days_of(day.year)
    for day in (date(2025, 5, 30), date(2014, 4, 27), date(2013, 4, 27)):
        assert day not in days_of(day.year)


def test_equated_days_are_working_days_otherwise() -> None:
    values = table("atw")["extra_days"]
    assert values == sorted(set(values))
    assert [day for day in values if day.weekday() > 4] == []
    assert [day for day in values if days_of(day.year).get(day)] == []


# --- licence


def test_licence_is_the_whole_eupl() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in text
    assert [int(n) for n in re.findall(r"^(\d+)\. [A-Z]", text, flags=re.M)] == list(range(1, 16))
    assert text.index("15. Applicable Law") < text.index("Appendix\n") < text.index("new EUPL version.")
