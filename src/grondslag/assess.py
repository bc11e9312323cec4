"""From a case to a decision: decide with durable-rules, explain with the condition trees, hold the two together, and write down what follows."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from . import decision as d
from .case import Case, case_from_data, from_text, read_value, to_plain
from .decide import Decided, Engine
from .errors import ConflictError, DisagreementError, InputError
from .explain import DETERMINED, NOT_APPLICABLE, NOT_ENCODED, UNDETERMINED, Evaluation, choices
from .expr import All, Condition, Operand, Reading, refs
from .load import load_rules
from .model import Law, Outcome, Rule, RuleSet
from .parse import suggest
from .trace import Tracer, text
from .values import UNKNOWN, Truth, Value, and3
from .words import both
from .yamlread import ReadError, decode, parse_json, read_text

try:
    __version__ = version("grondslag")
except PackageNotFoundError:  # run from a checkout without installation
    __version__ = "0"

_engines: dict[str, Engine] = {}
_engines_lock = threading.Lock()
_reach: dict[tuple[str, str], tuple[str, ...]] = {}
_OTHER_DATE = ("niet gecodeerd voor deze datum", "not encoded for this date")
_NOT_CODED = ("niet uitgewerkt", "not encoded")
_RANKED, _VALUES = 4, 4
_DECISION_LIMIT = 20_000_000


def engine_for(law: Law) -> Engine:
    """The compiled rules of a law, made once in this process."""
    with _engines_lock:
        if law.digest not in _engines:
            _engines[law.digest] = Engine(law)
        return _engines[law.digest]


def assess(case: Case, law: Law | None = None, *, readings: Mapping[str, str] | None = None, only: Iterable[str] = ()) -> d.Decision:
    """The decision on a case.

    Args:
        case: the case; its reference date selects the law.
        law: the rules (default: those of the package).
        readings: for open questions of law (`set.question`) the option to take instead of the default.
        only: the rule sets to write down (default: all); the others are still applied where these read them.

    Raises:
        InputError: the case contradicts what follows from its own facts, or a reading or rule set does not exist.
        ConflictError: two rules give one outcome different values.
        DisagreementError: the two evaluations differ; a fault of the engine.
    """
    law = law or load_rules()
    chosen = _checked_readings(law, readings or {})
    wanted = _checked_sets(law, only)
    known = case.known
    evaluation = Evaluation(law, known, chosen)
    decided = engine_for(law).decide(known, chosen)
    hold_together(law, decided, evaluation)
    return _Writer(case, law, evaluation, chosen, wanted).decision()


def replay(data: Mapping[str, Any], law: Law | None = None) -> tuple[d.Decision, tuple[str, ...]]:
    """Derive a decision again from its JSON form; the second value lists what differs (empty: nothing).

    Raises:
        InputError: the data is not a decision of this schema, or its case no longer fits the vocabulary.
    """
    law = law or load_rules()
    try:
        receipt = d.Receipt.model_validate(data["receipt"])
        case_data = data["case"]
    except (KeyError, TypeError, ValueError):
        raise InputError("decision: this is no decision of this program; it needs `receipt` and `case`.") from None
    case = _mark_assumed(case_from_data(case_data, law, "decision, case"), data)
    shown = [name for name in data.get("rule_sets") or () if name in _shown_sets(law)]
    fresh = assess(case, law, readings={q: o for q, o in receipt.readings.items() if q in law.questions}, only=shown)
    plain = fresh.model_dump(mode="json")
    differences: list[str] = []
    for name in ("engine", "rules", "case", "reference_date", "readings"):
        old, new = data["receipt"].get(name), plain["receipt"][name]
        if old != new:
            differences.append(f"receipt.{name}: {old} → {new}")
    old_sets = data.get("rule_sets", {})
    for name in dict.fromkeys([*old_sets, *plain["rule_sets"]]):
        differences += _set_differences(name, old_sets.get(name) or {}, plain["rule_sets"].get(name) or {})
    return fresh, tuple(differences)


def read_decision(path: str) -> Any:
    """A decision in JSON form from a file, or from standard input for `-`.

    Raises:
        InputError: it cannot be read or is no JSON.
    """
    name = "standard input" if path == "-" else path
    try:
        text = decode(sys.stdin.buffer.read(_DECISION_LIMIT + 1), _DECISION_LIMIT) if path == "-" else read_text(Path(path), _DECISION_LIMIT)
        return parse_json(text)
    except ReadError as fault:
        raise InputError(f"{name}: {str(fault).replace('a case is YAML or JSON', 'a decision is JSON')}.") from None


def explain_rules(case: Case, law: Law, wanted: str, *, readings: Mapping[str, str] | None = None) -> tuple[d.RuleTrace, ...]:
    """Why a rule applies or not, or why an outcome does not have a value: the traces of the rules concerned.

    Args:
        case: the case.
        law: the rules.
        wanted: the name of a rule (all its versions), or `outcome=value` (all rules that could give that value).
        readings: as for `assess`.

    Raises:
        InputError: there is no such rule, outcome or value.
    """
    evaluation = Evaluation(law, case.known, _checked_readings(law, readings or {}))
    tracer = Tracer(law, evaluation, case.reference_date)
    key, sign, value = (part.strip() for part in wanted.partition("="))
    if not sign:
        names = [rule.id for rule in law.rules.values() if wanted in (rule.id, rule.name)]
        if not names and wanted in law.outcomes:
            raise InputError(f"why-not: {wanted} is an outcome; give the wanted value too, {wanted}=…")
        if not names:
            raise InputError(f"why-not: there is no rule {wanted}{suggest(wanted, [*law.rules, *(r.name for r in law.rules.values())])}.")
        return tuple(tracer.rule(name) for name in names)
    outcome = law.outcomes.get(key)
    if outcome is None:
        raise InputError(f"why-not: unknown outcome {key}{suggest(key, list(law.outcomes))}.")
    try:
        target = read_value(from_text(value, outcome.type), outcome.type)
    except ValueError as fault:
        raise InputError(f"why-not: {key}: {fault}.") from None
    rules = [rule for rule in law.givers[key] if _could_give(law.rules[rule].then[key].value(evaluation), target)]
    if not rules:
        raise InputError(f"why-not: no rule gives {key} the value {value}.")
    return tuple(sorted((tracer.rule(rule) for rule in rules), key=lambda t: (t.applies is False, t.holds is False)))


def _could_give(value: Value, target: Value) -> bool:
    if value is UNKNOWN or value == target:
        return True
    return isinstance(value, frozenset) and isinstance(target, frozenset) and target <= value


def _mark_assumed(case: Case, data: Mapping[str, Any]) -> Case:
    assumed = {item.get("fact") for item in data.get("assumptions") or ()}
    facts = {key: stated.model_copy(update={"assumed": key in assumed}) for key, stated in case.facts.items()}
    return case.model_copy(update={"facts": facts})


def _set_differences(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    found = []
    if old.get("status") != new.get("status"):
        found.append(f"{name}.status: {old.get('status')} → {new.get('status')}")
    before, after = old.get("outcomes") or {}, new.get("outcomes") or {}
    for key in dict.fromkeys([*before, *after]):
        a, b = before.get(key) or {}, after.get(key) or {}
        for part in ("status", "value", "force", "possible"):
            if a.get(part) != b.get(part):
                found.append(f"{key} {part}: {a.get(part)} → {b.get(part)}")
    return found


def assume_rest_false(case: Case, law: Law, *, only: Iterable[str] = ()) -> Case:
    """The case with every yes/no fact that is missing and can still change a headline outcome assumed to be no; each assumption is marked.

    Raises:
        InputError: an assumption contradicts the facts.
    """
    shown = _checked_sets(law, only)
    while True:
        evaluation = Evaluation(law, case.known)
        wanted: set[str] = set()
        for key, outcome in law.outcomes.items():
            if outcome.headline and outcome.set in shown:
                wanted |= evaluation.missing(key)
        changes: dict[str, Value | None] = {}
        for key in sorted(wanted):
            if law.types[key].kind == "bool" and key not in case.facts:
                changes[key] = False
        if not changes:
            return case
        case = case.with_facts(law, changes, assumed=True)


def _shown_sets(law: Law) -> list[str]:
    return [s.id for s in law.sets.values() if not s.derived and s.rules]


def _checked_sets(law: Law, only: Iterable[str]) -> list[str]:
    known = _shown_sets(law)
    wanted = list(only)
    for name in wanted:
        if name not in known:
            raise InputError(f"rule set {name}: there is no such rule set{suggest(name, known)}; known are {', '.join(known)}.")
    return [name for name in known if not wanted or name in wanted]


def _checked_readings(law: Law, readings: Mapping[str, str]) -> dict[str, str]:
    for question, option in readings.items():
        found = law.questions.get(question)
        if found is None:
            raise InputError(f"reading {question}: there is no such question; known are {', '.join(law.questions)}.")
        if option not in found.options:
            raise InputError(f"reading {question}: {option} is not one of {', '.join(found.options)}.")
    return dict(readings)


def hold_together(law: Law, decided: Decided, evaluation: Evaluation) -> None:
    """Refuse to answer when the two evaluations differ in any rule or outcome."""
    for rule in law.rules:
        here, there = (decided.truths[rule], decided.applies[rule]), (evaluation.truth(rule), evaluation.applies(rule))
        if here != there:
            raise DisagreementError(f"rule {rule}: durable-rules gives {_truths(here)}, the condition tree gives {_truths(there)}. Please report this case.")
    for key in law.outcomes:
        mine, other = decided.results[key], evaluation.result(key)
        if (mine.status, mine.value, mine.certain) != (other.status, other.value, other.certain):
            raise DisagreementError(f"outcome {key}: durable-rules gives {mine.value}, the condition tree gives {other.value}. Please report this case.")


def _truths(pair: tuple[Truth, Truth]) -> str:
    return "/".join({True: "true", False: "false", None: "unknown"}[truth] for truth in pair)


class _Writer:
    """Writes down what an evaluation gives."""

    def __init__(self, case: Case, law: Law, evaluation: Evaluation, readings: Mapping[str, str], sets: list[str]) -> None:
        self.sets = sets
        self.case = case
        self.law = law
        self.evaluation = evaluation
        self.readings = readings
        self.tracer = Tracer(law, evaluation, case.reference_date)
        self.others = self._other_readings()

    def decision(self) -> d.Decision:
        sets = {name: self.rule_set(self.law.sets[name]) for name in self.sets}
        taken = {q: self.readings.get(q, question.default) for q, question in self.law.questions.items()}
        return d.Decision(
            reference_date=self.case.reference_date,
            status=_overall(s.status for s in sets.values()),
            facts_known=len(self.case.known),
            receipt=d.Receipt(engine=__version__, rules=self.law.digest, case=self.case.digest, reference_date=self.case.reference_date, readings=taken),
            assumptions=tuple(self._stated(key) for key, stated in self.case.facts.items() if stated.assumed),
            disputed=tuple(self._stated(key) for key, stated in self.case.facts.items() if stated.disputed),
            rule_sets=sets,
            derived=tuple(self.tracer.outcome(key) for s in self.law.sets.values() if s.derived for key in s.outcomes if self.law.givers[key]),
            case=self.case.to_data(),
        )

    def _stated(self, key: str) -> d.Assumption:
        value = self.case.facts[key].value
        return d.Assumption(fact=key, label=text(self.law.concept(key).label), value=to_plain(value), words=self.tracer.value(key, value))

    # --- one rule set

    def arises(self, rule_set: RuleSet) -> bool:
        """Whether the rule set comes into play: not where its `applies_when` is known to fail."""
        return rule_set.applies_when is None or rule_set.applies_when.truth(self.evaluation) is not False

    def rule_set(self, rule_set: RuleSet) -> d.RuleSetDecision:
        if not self.arises(rule_set):
            traces = tuple(self.tracer.outcome(key) for key in rule_set.outcomes if self.law.givers[key])
            return d.RuleSetDecision(
                title=text(rule_set.title), status=NOT_APPLICABLE, outcomes={}, powers=(), missing=(), deadlines=(), trace=traces
            )  # fmt: skip
        outcomes = [self.law.outcomes[key] for key in rule_set.outcomes]
        written = {o.key: self.outcome(o) for o in outcomes if not o.internal and self.law.givers[o.key]}
        return d.RuleSetDecision(
            title=text(rule_set.title),
            status=self._status(outcomes),
            outcomes=written,
            powers=tuple(self.powers(rule_set)),
            missing=tuple(self.missing(rule_set)),
            deadlines=tuple(self.deadlines(outcomes, written)),
            trace=tuple(self.tracer.outcome(o.key) for o in outcomes if self.law.givers[o.key]),
        )

    def _status(self, outcomes: Iterable[Outcome]) -> d.Status:
        headlines = [o for o in outcomes if o.headline] or [o for o in outcomes if not o.internal]
        return _overall(self.evaluation.result(o.key).status for o in headlines)

    def outcome(self, outcome: Outcome) -> d.OutcomeDecision:
        result = self.evaluation.result(outcome.key)
        rules = [self.law.rules[rule] for rule in (result.certain or result.possible)]
        cite = self.evaluation.cited(outcome.key)
        possible: tuple[Value, ...] = ()
        if result.status == UNDETERMINED:
            possible = self.evaluation.possible(outcome.key) if outcome.headline else result.values
        statuses = [rule.checked.status for rule in rules]
        return d.OutcomeDecision(
            label=text(outcome.label),
            status=result.status,
            value=None if result.value is UNKNOWN else to_plain(result.value),
            words=self._words(outcome.key, result.status, result.value),
            force=self.evaluation.force(outcome.key),
            headline=outcome.headline,
            citations=self.tracer.citations(cite),
            says=tuple(text(self.tracer.speaker.fill(rule.says, self.evaluation)) for rule in rules if rule.id in result.certain),
            checked=max(statuses, key=("primary", "secondary", "none").index, default=None),
            stated=result.stated,
            possible=tuple(_plain(value) for value in possible),
            possible_words=tuple(self.tracer.value(outcome.key, value) for value in possible),
            readings=tuple(self.others.get(outcome.key, ())),
        )

    def _words(self, key: str, status: str, value: Value) -> d.Text:
        if status == NOT_ENCODED:
            return text(_NOT_CODED if self.evaluation.result(key).certain else _OTHER_DATE)
        if status == NOT_APPLICABLE:
            return d.Text(nl="niet van toepassing", en="not applicable")
        if status == UNDETERMINED:
            return d.Text(nl="nog niet te zeggen", en="undetermined")
        return self.tracer.value(key, value)

    def powers(self, rule_set: RuleSet) -> Iterable[d.Power]:
        for name in rule_set.rules:
            rule = self.law.rules[name]
            applies = self.evaluation.applies(name)
            if not rule.may or applies is False or not self.evaluation.encoded[rule_set.id]:
                continue
            yield d.Power(
                rule=name,
                applies=applies,
                outcomes={key: _plain(node.value(self.evaluation)) for key, node in rule.may.items()},
                words=text(self.tracer.speaker.fill(rule.says, self.evaluation)),
                limits=text(rule.limits) if rule.limits else None,
                citations=self.tracer.citations(rule.cite),
                missing=tuple(sorted(self.evaluation.missing_of_rule(name))) if applies is None else (),
            )

    def missing(self, rule_set: RuleSet) -> list[d.MissingFact]:
        affects: dict[str, list[str]] = {}
        for key in rule_set.outcomes:
            if not self.law.outcomes[key].internal:
                for fact in self.evaluation.missing(key):
                    affects.setdefault(fact, []).append(key)
        headline = {key for key in rule_set.outcomes if self.law.outcomes[key].headline}
        ranked = sorted(affects, key=lambda f: (-len(headline & set(affects[f])), -len(affects[f]), f))
        settles = {fact: self._settles(fact, headline) if n < _RANKED else 0 for n, fact in enumerate(ranked)}
        ranked.sort(key=lambda f: (-settles[f], -len(headline & set(affects[f])), -len(affects[f]), f))
        return [self._missing_fact(fact, affects[fact], settles[fact]) for fact in ranked]

    def _missing_fact(self, key: str, affects: list[str], settles: int) -> d.MissingFact:
        fact = self.law.facts.get(key)
        concept = self.law.concept(key)
        stated = self.case.facts.get(key)
        return d.MissingFact(
            fact=key,
            label=text(concept.label),
            ask=text(fact.ask if fact else concept.label),
            by=tuple(text(self.law.establishers[who]) for who in (fact.by if fact else ())),
            open_norm=fact.open_norm if fact else "no",
            disputed=stated is not None and stated.disputed,
            affects=tuple(affects),
            settles=settles,
        )

    def _settles(self, key: str, headline: set[str]) -> int:
        """How many undetermined headline outcomes of a set this fact settles, whatever its value turns out to be (facts with few values)."""
        values = choices(self.law.types[key])
        open_now = [outcome for outcome in headline if self.evaluation.result(outcome).status == UNDETERMINED]
        counts = []
        for value in values if len(values) <= _VALUES else ():
            trial = Evaluation(self.law, {**self.case.known, key: value}, self.readings)
            try:
                counts.append(sum(trial.result(outcome).status != UNDETERMINED for outcome in open_now))
            except (ConflictError, InputError):
                continue  # a value that the other facts exclude
        return min(counts, default=0)

    def deadlines(self, outcomes: Iterable[Outcome], written: Mapping[str, d.OutcomeDecision]) -> Iterable[d.DeadlineDate]:
        for outcome in outcomes:
            value = self.evaluation.result(outcome.key).value
            if outcome.deadline is None or not isinstance(value, date) or outcome.key not in written:
                continue
            node = self._operand(outcome.key)
            steps: list[d.Text] = []
            if node is not None:
                nl, en = (self.tracer.speaker.counting(node, self.evaluation, lang, self._operand) for lang in ("nl", "en"))
                steps = list(dict.fromkeys(d.Text(nl=a, en=b) for a, b in zip(nl, en, strict=True)))
            yield d.DeadlineDate(
                outcome=outcome.key,
                label=text(outcome.label),
                date=value,
                event=text(outcome.deadline.event),
                after=text(outcome.deadline.after),
                counting=tuple(steps),
                passed=value < self.case.reference_date,
                citations=written[outcome.key].citations,
                readings=written[outcome.key].readings,
            )

    def _operand(self, key: str) -> Operand | None:
        """The operand that gave an outcome its value."""
        certain = self.evaluation.result(key).certain if key in self.law.outcomes else ()
        return self.law.rules[certain[0]].then[key] if certain else None

    # --- other readings of the law

    def _other_readings(self) -> dict[str, list[d.Reading]]:
        """For each outcome what it becomes when one open question is answered otherwise."""
        found: dict[str, list[d.Reading]] = {}
        for name, question in self.law.questions.items():
            taken = self.readings.get(name, question.default)
            if not self._matters(name):
                continue
            for option in question.options:
                if option == taken:
                    continue
                other = Evaluation(self.law, self.case.known, {**self.readings, name: option})
                for key in _reached(self.law, name):
                    outcome = self.law.outcomes[key]
                    if outcome.internal or outcome.set not in self.sets:
                        continue
                    mine, theirs = self.evaluation.result(key), other.result(key)
                    if (mine.status, mine.value) == (theirs.status, theirs.value):
                        continue
                    words = both(lambda lang, o=key, r=theirs: self._words(o, r.status, r.value)[lang])  # type: ignore[misc]
                    found.setdefault(key, []).append(
                        d.Reading(
                            question=name,
                            asks=text(question.text),
                            taken=text(question.options[taken]),
                            option=option,
                            other=text(question.options[option]),
                            status=theirs.status,
                            value=_plain(theirs.value),
                            words=text(words),
                        )
                    )
        return found

    def _matters(self, question: str) -> bool:
        """Whether some rule under a reading of this question could apply, whichever option is taken."""
        for rule in self.law.rules.values():
            if rule.question == question and self.evaluation.encoded[rule.set]:
                parts = rule.condition.parts if isinstance(rule.condition, All) else (rule.condition,)
                rest: list[Condition] = [part for part in parts if not isinstance(part, Reading)]
                if and3(part.truth(self.evaluation) for part in rest) is not False:
                    return True
        return False


def _reached(law: Law, question: str) -> tuple[str, ...]:
    """The outcomes that can depend on how a question is read."""
    if (law.digest, question) not in _reach:
        touched = {key for rule in law.rules.values() if rule.question == question for key in _given_or_freed(law, rule)}
        for key in law.order:
            rules = [law.rules[name] for name in law.givers[key]]
            rules += [law.rules[other] for rule in list(rules) for other in law.exceptions[rule.id]]
            read = {ref for rule in rules for node in (rule.condition, *rule.then.values()) for ref in refs(node)}
            if read & touched:
                touched.add(key)
        _reach[(law.digest, question)] = tuple(key for key in law.order if key in touched)
    return _reach[(law.digest, question)]


def _given_or_freed(law: Law, rule: Rule) -> set[str]:
    """What a rule gives, and what the rules give that it sets aside."""
    found = set(rule.then)
    for other, blockers in law.exceptions.items():
        if rule.id in blockers:
            found |= set(law.rules[other].then)
    return found


def _plain(value: Value) -> Any:
    return None if value is UNKNOWN else to_plain(value)


def _overall(statuses: Iterable[str]) -> d.Status:
    """The status of a whole: not encoded before undetermined before determined; not applicable only when all of it is."""
    found = set(statuses)
    for status in (NOT_ENCODED, UNDETERMINED, DETERMINED):
        if status in found:
            return status  # type: ignore[return-value]
    return NOT_APPLICABLE  # type: ignore[return-value]
