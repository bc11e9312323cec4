"""The trace: from outcome to rule to condition to fact, each with its truth, words and citations. Built from an evaluation; renderers add nothing."""

from __future__ import annotations

from datetime import date

from . import decision as d
from .case import to_plain
from .explain import Evaluation
from .expr import ALWAYS, All, Any, AtLeast, Condition, InForce, Not, Reading, refs
from .model import Checked, Law, Rule, Words
from .sources import Citation
from .values import UNKNOWN
from .words import Speaker, both


class Tracer:
    """Builds traces for one evaluation on one date."""

    def __init__(self, law: Law, evaluation: Evaluation, on: date) -> None:
        self.law = law
        self.evaluation = evaluation
        self.on = on
        self.speaker = Speaker(law)
        self._cited: dict[str, d.Cited] = {}
        self._rules: dict[str, d.RuleTrace] = {}

    def outcome(self, key: str) -> d.OutcomeTrace:
        """How one outcome came about; the rules that give it first, then those that may, then those that do not apply."""
        outcome, result = self.law.outcomes[key], self.evaluation.result(key)
        order = {True: 0, None: 1, False: 2}
        rules = sorted(self.law.givers[key], key=lambda rule: order[self.evaluation.applies(rule)])
        return d.OutcomeTrace(
            outcome=key,
            label=text(outcome.label),
            status=result.status,
            value=None if result.value is UNKNOWN else to_plain(result.value),
            words=self.value(key, result.value),
            stated=result.stated,
            rules=tuple(self.rule(rule) for rule in rules),
        )

    def rule(self, name: str) -> d.RuleTrace:
        """A rule with its condition tree; of a rule that does not hold only the parts that fail."""
        if name not in self._rules:
            rule, evaluation = self.law.rules[name], self.evaluation
            holds = evaluation.truth(name)
            blockers = self.law.exceptions[name] if holds is not False else ()
            self._rules[name] = d.RuleTrace(
                rule=name,
                applies=evaluation.applies(name),
                holds=holds,
                force=rule.force,
                says=text(self.speaker.fill(rule.says, evaluation)),
                gives={key: _given(node.value(evaluation)) for key, node in (rule.then or rule.may).items()},
                reads=tuple(dict.fromkeys(key for node in (rule.then or rule.may).values() for key in refs(node))),
                citations=self.citations(rule.cite),
                checked=checked(rule.checked),
                set_aside_by=tuple(other for other in blockers if evaluation.applies(other) is True),
                may_be_set_aside_by=tuple(other for other in blockers if evaluation.applies(other) is None),
                reading=rule.option and f"{rule.question} {rule.option}",
                conditions=self.step(_without_empty(rule.condition), only_failing=holds is False),
                other_version=any(part.truth(evaluation) is False for part in _periods(rule.condition)),
            )
        return self._rules[name]

    def step(self, node: Condition, *, only_failing: bool = False) -> d.Step | None:
        """A condition as steps. With `only_failing` a conjunction shows just the parts that fail."""
        truth = node.truth(self.evaluation)
        parts: tuple[Condition, ...] = ()
        kind: str = "test"
        match node:
            case All(inner) if inner:
                kind, parts = "all", inner
                if only_failing and truth is False:
                    parts = tuple(part for part in inner if part.truth(self.evaluation) is False)
                    if len(parts) == 1:
                        return self.step(parts[0], only_failing=True)
            case Any(inner):
                kind, parts = "any", inner
            case AtLeast(_, inner):
                kind, parts = "at_least", inner
            case Not(All() | Any() | AtLeast() as inner_part):
                kind, parts = "not", (inner_part,)
            case All():
                return None
        words = _HEADS.get(kind) or both(lambda lang: self.speaker.found(node, self.evaluation, lang))
        if isinstance(node, AtLeast):
            n = node.n
            words = both(lambda lang: f"ten minste {n} van:" if lang == "nl" else f"at least {n} of:")
        steps = tuple(s for part in parts if (s := self.step(part, only_failing=only_failing and kind == "all")) is not None)
        keys = () if parts else tuple(dict.fromkeys(refs(node)))
        return d.Step(truth=truth, kind=kind, words=text(words), keys=keys, parts=steps)

    def value(self, key: str, value: object) -> d.Text:
        """A value of an outcome in words."""
        return text(both(lambda lang: self.speaker.value(key, value, lang)))  # type: ignore[arg-type]

    def citations(self, cite: tuple[Citation, ...]) -> tuple[d.Cited, ...]:
        """Citations with identifiers and links on the reference date."""
        return tuple(self.cited(citation) for citation in cite)

    def cited(self, citation: Citation) -> d.Cited:
        if citation.text not in self._cited:
            found = self.law.sources.resolve(citation, self.on)
            self._cited[citation.text] = d.Cited(
                text=found.text, title=d.Text(nl=found.title[0], en=found.title[1]), work=found.id, jci=found.jci, link=found.link
            )
        return self._cited[citation.text]


_HEADS = {
    "all": Words("alle van:", "all of:"),
    "any": Words("een van:", "one of:"),
    "not": Words("niet:", "not:"),
}


def text(words: Words | tuple[str, str]) -> d.Text:
    """Words as the decision holds them."""
    return d.Text(nl=words[0], en=words[1])


def checked(found: Checked) -> d.Checked:
    """The status of the check as the decision holds it."""
    return d.Checked(status=found.status, against=found.against, note=text(found.note) if found.note else None)


def rule_cites(rule: Rule) -> tuple[str, ...]:
    """The short forms of a rule's citations."""
    return tuple(citation.text for citation in rule.cite)


def _given(value: object) -> object:
    return None if value is UNKNOWN else to_plain(value)


def _periods(condition: Condition) -> list[InForce]:
    """The period of a rule's version, as it stands in its condition."""
    return [part for part in condition.parts if isinstance(part, InForce)] if isinstance(condition, All) else []


def _without_empty(condition: Condition) -> Condition:
    """The condition of a rule without the wrapper around a single part; the version stands first."""
    if isinstance(condition, All):
        parts: list[Condition] = []
        for part in condition.parts:
            if isinstance(part, All) and part != ALWAYS:
                parts += part.parts
            elif not isinstance(part, Reading):
                parts.append(part)
            else:
                parts.append(part)
        return All(tuple(parts))
    return condition
