"""The decision as a typed object: what `assess` gives and what the JSON form and its schema are made of. Frozen; no logic."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Status = Literal["determined", "undetermined", "not_applicable", "not_encoded"]
Force = Literal["bound", "policy", "discretionary"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Text(_Model):
    """A text in Dutch and in English."""

    nl: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return self.nl if lang == "nl" else self.en


class Cited(_Model):
    """A citation on the reference date: short Dutch form, title, identifier of the work (BWB, CELEX, ECLI, journal), JCI reference, link."""

    text: str
    title: Text
    work: str | None
    jci: str | None = None
    link: str | None = None


class Checked(_Model):
    """What a rule was checked against."""

    status: Literal["primary", "secondary", "none"]
    against: str
    note: Text | None = None


class Step(_Model):
    """A condition with its truth (null: unknown), its words, the facts and outcomes it reads, and its parts."""

    truth: bool | None
    kind: Literal["all", "any", "not", "at_least", "test"]
    words: Text
    keys: tuple[str, ...] = ()
    parts: tuple[Step, ...] = ()


class RuleTrace(_Model):
    """A rule with its result: whether its condition holds, whether it applies, which exceptions stand in its way, and what the value it gives is made of.
    `other_version`: its period is not that of the case."""

    rule: str
    applies: bool | None
    holds: bool | None
    force: Force
    says: Text
    gives: dict[str, Any]
    reads: tuple[str, ...] = ()
    citations: tuple[Cited, ...]
    checked: Checked
    set_aside_by: tuple[str, ...] = ()
    may_be_set_aside_by: tuple[str, ...] = ()
    reading: str | None = None
    conditions: Step | None = None
    other_version: bool = False


class OutcomeTrace(_Model):
    """How one outcome came about: the rules that give it, that may give it, and that do not apply."""

    outcome: str
    label: Text
    status: Status
    value: Any
    words: Text
    stated: bool = False
    rules: tuple[RuleTrace, ...] = ()


class Reading(_Model):
    """What an outcome is when an open question of law is answered otherwise."""

    question: str
    asks: Text
    taken: Text
    option: str
    other: Text
    status: Status
    value: Any
    words: Text


class OutcomeDecision(_Model):
    """The value of an outcome, with its force and citations; while undetermined the values still possible."""

    label: Text
    status: Status
    value: Any
    words: Text
    force: Force | None
    headline: bool
    citations: tuple[Cited, ...]
    says: tuple[Text, ...]
    checked: Literal["primary", "secondary", "none"] | None
    stated: bool = False
    possible: tuple[Any, ...] = ()
    possible_words: tuple[Text, ...] = ()
    readings: tuple[Reading, ...] = ()


class Power(_Model):
    """What the authority may do beside the outcome. `applies` is null while facts are missing."""

    rule: str
    applies: bool | None
    outcomes: dict[str, Any]
    words: Text
    limits: Text | None
    citations: tuple[Cited, ...]
    missing: tuple[str, ...] = ()


class MissingFact(_Model):
    """An unknown fact that can still change an outcome: who establishes it, what it touches, and how many outcomes it settles at least."""

    fact: str
    label: Text
    ask: Text
    by: tuple[Text, ...]
    open_norm: Literal["no", "part", "yes"]
    disputed: bool
    affects: tuple[str, ...]
    settles: int


class DeadlineDate(_Model):
    """A last day, with how it was counted and what happens after it."""

    outcome: str
    label: Text
    date: date
    event: Text
    after: Text
    counting: tuple[Text, ...]
    passed: bool
    citations: tuple[Cited, ...]
    readings: tuple[Reading, ...] = ()


class RuleSetDecision(_Model):
    """What one rule set gives."""

    title: Text
    status: Status
    outcomes: dict[str, OutcomeDecision]
    powers: tuple[Power, ...]
    missing: tuple[MissingFact, ...]
    deadlines: tuple[DeadlineDate, ...]
    trace: tuple[OutcomeTrace, ...]


class Receipt(_Model):
    """What the decision rests on, so that it can be derived again: engine version, hash of the rules, hash of the case, reference date, chosen readings."""

    engine: str
    rules: str
    case: str
    reference_date: date
    readings: dict[str, str]


class Assumption(_Model):
    """A fact that was assumed, not stated."""

    fact: str
    label: Text
    value: Any
    words: Text


class Decision(_Model):
    """The decision on one case. `derived` traces the facts that follow from facts; `case` is the case as assessed, for replay."""

    schema_version: Literal[1] = 1
    reference_date: date
    status: Status
    facts_known: int
    receipt: Receipt
    assumptions: tuple[Assumption, ...]
    disputed: tuple[Assumption, ...]
    rule_sets: dict[str, RuleSetDecision]
    derived: tuple[OutcomeTrace, ...]
    case: dict[str, Any]

    @property
    def traces(self) -> dict[str, OutcomeTrace]:
        """The trace of every outcome and derived fact."""
        found = {trace.outcome: trace for rule_set in self.rule_sets.values() for trace in rule_set.trace}
        return found | {trace.outcome: trace for trace in self.derived}

    @property
    def missing(self) -> tuple[MissingFact, ...]:
        """The unknown facts over all rule sets, the most decisive first, each once."""
        found: dict[str, MissingFact] = {}
        for rule_set in self.rule_sets.values():
            for fact in rule_set.missing:
                found.setdefault(fact.fact, fact)
        return tuple(sorted(found.values(), key=lambda fact: -fact.settles))


Step.model_rebuild()
