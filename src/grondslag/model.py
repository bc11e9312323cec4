"""What the law is made of: facts, outcomes, rules, rule sets. Frozen data; `load` makes it from `rules/`, everything else reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from .calendars import Calendar
from .expr import Condition, Operand, Table
from .sources import Citation, Sources
from .values import Type, Value


class Words(NamedTuple):
    """A text in Dutch and in English."""

    nl: str
    en: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in `rules/`."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that can be true of a case. `open_norm` is `no`, `part` or `yes`; `by` names who establishes it."""

    key: str
    group: str
    type: Type
    label: Words
    ask: Words
    means: Words
    by: tuple[str, ...]
    open_norm: str
    value_labels: Mapping[str, Words]
    place: Place


@dataclass(frozen=True, slots=True)
class Deadline:
    """What must happen by a date outcome, and what follows when it did not."""

    event: Words
    after: Words


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that rules give a value: a result of a rule set, or a derived fact. `partial` says when a main outcome is not applicable."""

    key: str
    set: str
    type: Type
    label: Words
    value_labels: Mapping[str, Words]
    headline: bool
    internal: bool
    statable: bool
    default: Value
    deadline: Deadline | None
    place: Place
    partial: Words | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a rule was checked against: `primary` (the official text), `secondary` or `none`."""

    status: str
    against: str
    on: date | None
    note: Words | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of law. `id` is the full name (`name@from` where there are several versions)."""

    id: str
    name: str
    set: str
    cite: tuple[Citation, ...]
    condition: Condition
    then: Mapping[str, Operand]
    may: Mapping[str, Operand]
    force: str
    exception_to: tuple[str, ...]
    group: str | None
    question: str | None
    option: str | None
    period: tuple[date | None, date | None]
    checked: Checked
    chapter: str | None
    says: Words
    limits: Words | None
    place: Place


@dataclass(frozen=True, slots=True)
class Question:
    """A question of law on which readings differ and no authority decides."""

    id: str
    set: str
    text: Words
    options: Mapping[str, Words]
    default: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A provision that is not encoded, with the reason."""

    cite: tuple[Citation, ...]
    reason: Words


@dataclass(frozen=True, slots=True)
class Provision:
    """A provision of the dossier: the rules that encode it, or the reason why none does."""

    id: str
    rules: tuple[str, ...]
    reason: Words | None


@dataclass(frozen=True, slots=True)
class Constraint:
    """A combination of facts that must hold; a case in which it is known to fail is refused."""

    id: str
    must: Condition
    says: Words


@dataclass(frozen=True, slots=True)
class Invariant:
    """What must hold in every case for what the rules give; proven, not checked at run time."""

    id: str
    must: Condition
    says: Words


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule set: one chapter of the law. `encoded` is the span of reference dates for which it answers."""

    id: str
    title: Words
    encoded: tuple[date | None, date | None]
    applies_when: Condition | None
    derived: bool
    outcomes: tuple[str, ...]
    rules: tuple[str, ...]
    questions: tuple[str, ...]
    gaps: tuple[Gap, ...]
    provisions: tuple[Provision, ...] = ()
    invariants: tuple[Invariant, ...] = ()

    def encodes(self, day: date) -> bool:
        """Whether the set has an answer for a reference date."""
        start, end = self.encoded
        return (start is None or start <= day) and (end is None or day <= end)


@dataclass(frozen=True, repr=False, eq=False)
class Law:
    """All of `rules/`, checked. `exceptions` gives for each rule those that set it aside; `order` is an order of evaluation."""

    facts: Mapping[str, Fact]
    outcomes: Mapping[str, Outcome]
    rules: Mapping[str, Rule]
    sets: Mapping[str, RuleSet]
    questions: Mapping[str, Question]
    constraints: tuple[Constraint, ...]
    establishers: Mapping[str, Words]
    groups: Mapping[str, Words]
    tables: Mapping[str, Table]
    calendar: Calendar | None
    sources: Sources
    exceptions: Mapping[str, tuple[str, ...]]
    givers: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
    levels: Mapping[str, int]
    digest: str
    types: Mapping[str, Type] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Law {self.digest[:12]}: {len(self.rules)} rules>"

    def concept(self, key: str) -> Fact | Outcome:
        """The fact or outcome with a key.

        Raises:
            KeyError: there is none.
        """
        return self.facts[key] if key in self.facts else self.outcomes[key]
