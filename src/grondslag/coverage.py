"""Coverage of the law: for each article its rules, versions, examples and judgments, and against what they were checked; and what is not encoded."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .case import case_from_data
from .examples import Example
from .explain import Evaluation
from .expr import All, Reading, refs
from .model import Law, Rule, RuleSet

_STATUSES = ("primary", "secondary", "none")
_LAYERS = ("dutch", "european", "judgment")


@dataclass
class Uses:
    """For each rule the examples (by name) and judgments (by ECLI) of which an expected outcome rests on it."""

    examples: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    judgments: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def uses(law: Law, examples: Iterable[Example]) -> Uses:
    """On which rules the expected outcomes of the examples rest.

    Raises:
        InputError: an example is not a case under this law.
    """
    found = Uses()
    powers: dict[str, list[str]] = defaultdict(list)
    for rule in law.rules.values():
        for key in rule.may:
            powers[key].append(rule.id)
    for example in examples:
        evaluation = Evaluation(law, case_from_data(example.case, law, example.id).known)
        for name in _behind(law, evaluation, powers, example.expect, open=example.source is not None):
            if example.source:
                found.judgments[name].add(example.source)
            else:
                found.examples[name].add(f"{example.file} {example.id}")
    return found


def _behind(law: Law, evaluation: Evaluation, powers: Mapping[str, list[str]], keys: Iterable[str], *, open: bool) -> set[str]:
    """The rules that apply, or would under their own reading, and give the outcomes or what these rest on. With `open` also those that still may."""
    rules: set[str] = set()
    seen: set[str] = set()
    todo = list(keys)
    while todo:
        key = todo.pop()
        if key in seen or key not in law.outcomes:
            continue
        seen.add(key)
        for name in [*law.givers[key], *powers[key]]:
            rule = law.rules[name]
            if (applies := evaluation.applies(name)) is True or (open and applies is None) or _under_its_reading(rule, law, evaluation):
                rules.add(name)
                todo += refs(rule.condition)
                todo += [ref for node in (rule.then or rule.may).values() for ref in refs(node)]
    return rules


def _under_its_reading(rule: Rule, law: Law, evaluation: Evaluation) -> bool:
    """Whether all of a rule holds but its reading, which is not the default one."""
    if rule.question is None or rule.option == law.questions[rule.question].default:
        return False
    parts = rule.condition.parts if isinstance(rule.condition, All) else (rule.condition,)
    return all(part.truth(evaluation) is True for part in parts if not isinstance(part, Reading))


def coverage(law: Law, examples: Iterable[Example] = ()) -> dict[str, Any]:
    """The coverage as plain data: per work its articles, per rule set what is not encoded and where each provision of the dossier went."""
    where = uses(law, examples)
    places: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in law.rules.values():
        for place in dict.fromkeys((c.work, _article(c.article)) for c in rule.cite):
            places[place].append(rule)
    works: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (work, article), rules in places.items():
        works[work].append({"article": article, **_summary(rules, where)})
    order = sorted(works, key=lambda work: (_LAYERS.index(_layer(law, work)), _natural(work)))
    return {
        "rules": _summary(list(law.rules.values()), where),
        "works": [
            {
                "work": work,
                "title": _title(law, work),
                "layer": _layer(law, work),
                "articles": sorted(works[work], key=lambda row: _natural(row["article"])),
            }
            for work in order
        ],
        "sets": [_set(s, law, where) for s in law.sets.values()],
    }


def _layer(law: Law, work: str) -> str:
    """Whether a source is Dutch law, European or international law, or a judgment."""
    if work in law.sources.judgments:
        return "judgment"
    return "european" if law.sources.works[work].kind in ("celex", "treaty") else "dutch"


def _set(rule_set: RuleSet, law: Law, where: Uses) -> dict[str, Any]:
    return {
        "set": rule_set.id,
        "title": rule_set.title._asdict(),
        **_summary([law.rules[name] for name in rule_set.rules], where),
        "not_encoded": [{"cite": [c.text for c in gap.cite], "reason": gap.reason._asdict()} for gap in rule_set.gaps],
        "provisions": [{"id": p.id, "rules": list(p.rules), "reason": p.reason._asdict() if p.reason else None} for p in rule_set.provisions],
    }


def _summary(rules: Iterable[Rule], where: Uses) -> dict[str, Any]:
    rules = list(rules)
    checked = Counter(rule.checked.status for rule in rules)
    return {
        "sets": sorted({rule.set for rule in rules}),
        "rules": len({rule.name for rule in rules}),
        "versions": len(rules),
        "examples": len(set().union(*(where.examples[rule.id] for rule in rules))) if rules else 0,
        "without_example": sorted(rule.id for rule in rules if not where.examples[rule.id] and not where.judgments[rule.id]),
        "judgments": sorted(set().union(*(where.judgments[rule.id] for rule in rules))) if rules else [],
        "checked": {status: checked[status] for status in _STATUSES},
    }


def _article(article: str | None) -> str:
    """The article without what stands below it: `A3/3.4` is part of `A3/3`, `6.5a` stays."""
    if article is None:
        return ""
    chapter, slash, section = article.partition("/")
    return f"{chapter}/{section.split('.')[0]}" if slash else article


def _title(law: Law, work: str) -> dict[str, str]:
    judgment = law.sources.judgments.get(work)
    nl, en = judgment.summary if judgment else law.sources.works[work].title
    return {"nl": nl, "en": en}


def _natural(text: str) -> list[tuple[int, str]]:
    """A key that sorts 3.6 before 3.48 and 62 before 62a."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|\D+", text)]


# --- Markdown -----------------------------------------------------------------------------------------------------------

_WORDS: Mapping[str, tuple[str, ...]] = {
    "nl": ("artikel", "regels", "versies", "voorbeelden", "uitspraken", "officiële tekst", "tweede hand", "niet geverifieerd"),
    "en": ("article", "rules", "versions", "examples", "judgments", "official text", "second hand", "not verified"),
}


def markdown(data: Mapping[str, Any], lang: str = "en") -> str:
    """The coverage as Markdown tables: an overview, a table for each work, the judgments, and what is not encoded."""
    head = _WORDS[lang]
    total = data["rules"]
    lines = [_TITLE[lang], "", _INTRO[lang].format(**total, **total["checked"]), "", *_table([_SET[lang], *head[1:]])]
    lines += [_row([s["title"][lang], *_cells(s)]) for s in data["sets"]]
    for layer in _LAYERS:
        works = [work for work in data["works"] if work["layer"] == layer]
        lines += ["", f"## {_LAYER[lang][layer]}"]
        if layer == "judgment":
            lines += ["", *_table([_CITED[lang], *head[1:]]), *(_row([work["work"], *_cells(work["articles"][0])]) for work in works)]
            continue
        for work in works:
            lines += ["", f"### {work['work']} — {_safe(work['title'][lang])}", "", *_table(list(head))]
            lines += [_row([a["article"] or "—", *_cells(a)]) for a in work["articles"]]
    lines += ["", f"## {_GAPS[lang]}"]
    for s in data["sets"]:
        gaps = [f"- {' · '.join(gap['cite'])}: {_safe(gap['reason'][lang])}" for gap in s["not_encoded"]]
        gaps += [f"- `{p['id']}`: {_safe(p['reason'][lang])}" for p in s["provisions"] if p["reason"]]
        if gaps:
            lines += ["", f"### {s['title'][lang]}", "", *gaps]
    lines += ["", f"## {_PROVISIONS[lang]}", "", _PROVISIONS_INTRO[lang]]
    for s in data["sets"]:
        placed = [f"- `{p['id']}`: {', '.join(p['rules'])}" for p in s["provisions"] if p["rules"]]
        if placed:
            lines += ["", f"### {s['title'][lang]}", "", *placed]
    return "\n".join(lines) + "\n"


_TITLE = {"nl": "# Dekking", "en": "# Coverage"}
_INTRO = {
    "nl": "Gemaakt uit de regels, de uitgewerkte voorbeelden en de uitspraken: {rules} regels in {versions} versies. "
    "Getoetst aan de officiële tekst: {primary}; aan een tweede bron: {secondary}; niet geverifieerd: {none}. "
    "Een voorbeeld of uitspraak telt bij een artikel als een verwachte uitkomst ervan rust op een regel die dat artikel noemt.",
    "en": "Made from the rules, the worked examples and the judgments: {rules} rules in {versions} versions. "
    "Checked against the official text: {primary}; against a second source: {secondary}; not verified: {none}. "
    "An example or judgment counts for an article when an outcome expected of it rests on a rule that cites the article.",
}
_SET = {"nl": "regelset", "en": "rule set"}
_LAYER = {
    "nl": {"dutch": "Nederlands recht", "european": "Europees en internationaal recht", "judgment": "Uitspraken waarop regels rusten"},
    "en": {"dutch": "Dutch law", "european": "European and international law", "judgment": "Judgments that rules rest on"},
}
_CITED = {"nl": "uitspraak", "en": "judgment"}
_GAPS = {"nl": "Niet uitgewerkt", "en": "Not encoded"}
_PROVISIONS = {"nl": "Bepalingen van het dossier", "en": "Provisions of the dossier"}
_PROVISIONS_INTRO = {"nl": "Waar elke bepaling van het wetsdossier is uitgewerkt.", "en": "Where each provision of the law dossier is encoded."}


def _cells(row: Mapping[str, Any]) -> list[str]:
    checked = row["checked"]
    judgments = f"{len(row['judgments'])}" + (f": {', '.join(row['judgments'][:3])}{', …' if len(row['judgments']) > 3 else ''}" if row["judgments"] else "")
    return [*(str(row[name]) for name in ("rules", "versions", "examples")), judgments, *(str(checked[s]) for s in _STATUSES)]


def _table(head: list[str]) -> list[str]:
    return [_row(head), _row(["---"] * len(head))]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _safe(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
