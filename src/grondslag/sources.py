"""Citations: from the short Dutch form to the work, its identifier, a JCI reference and a link. What works exist is data (`rules/sources/`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

_ECLI = re.compile(r"^ECLI:[A-Z]{2}:[A-Z]+:\d{4}:[A-Z0-9.]+$")
_CASE = re.compile(r"^[CT]-\d+/\d+( PPU)?$")
_NUMBERED = re.compile(r"^(?P<first>\d{4,})(?:(?:[,/]| nr\.?) ?(?P<number>[\w.]+))?$")
_DIVISION = re.compile(
    r"^(?P<article>(?:[A-Z][a-z]{2,9} )?[A-Za-z]{0,3}\d[\w.:/-]*|[IVX]+)?"
    r"(?: ?lid (?P<paragraph>\d+[a-z]?(?:[-,] ?\d+[a-z]?)*))?"
    r"(?: ?onder (?P<letter>[a-z0-9]+(?:[-,] ?[a-z0-9]+)*))?$"
)


class CitationError(ValueError):
    """A citation that cannot be resolved, in one sentence."""


@dataclass(frozen=True, slots=True)
class Work:
    """A statute, decree, circular, directive, treaty or journal."""

    key: str
    title: tuple[str, str]
    kind: str
    id: str | None
    link: str | None = None
    jci: str | None = None
    checked: str = "none"
    ids: Mapping[str, str] = field(default_factory=dict)

    def id_of(self, article: str) -> str | None:
        """The identifier of the part that an article is in: the book before the colon, or the letter of a circular."""
        return self.ids.get(article.split(":")[0]) or self.ids.get(article[:1]) or self.id


@dataclass(frozen=True, slots=True)
class Judgment:
    """A judgment. `ecli` is None when only the case number is known."""

    ecli: str | None
    court: str
    date: date | None
    summary: tuple[str, str]
    name: str | None = None
    aliases: tuple[str, ...] = ()
    checked: str = "none"
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """One place in one source. `text` is the short Dutch form."""

    text: str
    work: str
    article: str | None = None
    paragraph: str | None = None
    letter: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A citation on a date: identifier of the work (BWB, CELEX, ECLI or journal number), JCI reference where there is one, link."""

    text: str
    title: tuple[str, str]
    id: str | None
    jci: str | None
    link: str | None


@dataclass(frozen=True)
class Sources:
    """All works and judgments that a rule may cite."""

    works: Mapping[str, Work]
    judgments: Mapping[str, Judgment] = field(default_factory=dict)

    def parse(self, text: str) -> Citation:
        """A citation from its short form.

        Raises:
            CitationError: unknown work or judgment, or a place that is not written as it should be.
        """
        text = " ".join(text.split())
        if _ECLI.match(text) or _CASE.match(text) or text in self.judgments:
            if text not in self.judgments:
                raise CitationError(f"the judgment {text} stands in no file of rules/sources")
            return Citation(text, text)
        for key in sorted(self.works, key=len, reverse=True):
            if text == key:
                return Citation(text, key)
            if text.startswith(key + " "):
                return self._divided(text, self.works[key], text[len(key) + 1 :])
        raise CitationError(f"`{text}` begins with no work of rules/sources/works.yaml")

    def _divided(self, text: str, work: Work, rest: str) -> Citation:
        numbered = _NUMBERED.match(rest)
        if numbered and work.kind in ("journal", "policy"):
            return Citation(text, work.key, article=rest)
        match = _DIVISION.match(rest)
        if not match or not rest:
            raise CitationError(f"`{text}` is not written as `{work.key} article [lid n] [onder x]`")
        return Citation(text, work.key, match["article"], match["paragraph"], match["letter"])

    def resolve(self, citation: Citation, on: date) -> Resolved:
        """Identifier, JCI reference and link of a citation, valid on a date."""
        judgment = self.judgments.get(citation.work)
        if judgment is not None:
            return Resolved(citation.text, (judgment.summary[0], judgment.summary[1]), judgment.ecli, None, judgment.link)
        work = self.works[citation.work]
        article = citation.article or ""
        numbered = _NUMBERED.match(article) if work.kind in ("journal", "policy") else None
        chapter, _, section = article.partition("/")
        identifier = work.id_of(article)
        parts = {
            "id": identifier or "",
            "date": on.isoformat(),
            "article": article.partition(":")[2] if article.split(":")[0] in work.ids else article,
            "chapter": chapter,
            "section": section,
            "paragraph": _first(citation.paragraph),
            "letter": _first(citation.letter),
            "year": numbered["first"] if numbered else "",
            "dossier": numbered["first"] if numbered else "",
            "number": (numbered["number"] or "") if numbered else "",
        }
        usable = identifier is not None or numbered is not None
        jci = _fill(work.jci, parts) if usable else None
        return Resolved(citation.text, work.title, identifier or citation.text, jci, _fill(work.link, {**parts, "jci": jci or ""}) if usable else None)


def _first(part: str | None) -> str:
    return re.split(r"[-,]", part)[0].strip() if part else ""


def _fill(pattern: str | None, parts: Mapping[str, str]) -> str | None:
    """The pattern with its `{parts}` filled; pieces such as `&lid={paragraph}` fall away with an empty part."""
    if not pattern:
        return None
    return re.sub(r"[&?#/-]?[\w.]*=?\{(\w+)\}", lambda m: m[0].replace("{" + m[1] + "}", parts[m[1]]) if parts.get(m[1]) else "", pattern)
