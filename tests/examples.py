"""Worked examples as data, held against decisions. `python tests/examples.py FILE [ID]` prints what went wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grondslag import Decision, Law, case_from_data, load_rules
from grondslag.assess import engine_for, hold_together
from grondslag.case import to_plain
from grondslag.decision import Reading
from grondslag.errors import GrondslagError
from grondslag.examples import Example, read_examples
from grondslag.explain import Evaluation
from grondslag.expr import refs
from grondslag.values import UNKNOWN, Value

HERE = Path(__file__).parent / "rules"


def compare(example: Example, decision: Decision) -> list[str]:
    """The differences between a decision and an example."""
    traces = decision.traces
    rules = {r.rule: r for t in traces.values() for r in t.rules}
    outcomes = {key: o for s in decision.rule_sets.values() for key, o in s.outcomes.items()}
    seen = Seen(
        statuses={key: trace.status for key, trace in traces.items()},
        values={key: trace.value for key, trace in traces.items()},
        possible={key: list(outcome.possible) for key, outcome in outcomes.items()},
        forces={key: outcome.force for key, outcome in outcomes.items()},
        applies={name: rule.applies for name, rule in rules.items()} | {p.rule: p.applies for s in decision.rule_sets.values() for p in s.powers},
        missing={fact.fact for fact in decision.missing},
        cites={key: {c.text for c in outcome.citations} for key, outcome in outcomes.items()},
        readings={key: _read_otherwise(outcome.readings) for key, outcome in outcomes.items()},
    )
    return list(_differences(example, seen))


def _read_otherwise(readings: Iterable[Reading]) -> dict[tuple[str, str], Any]:
    return {(r.question.split(".")[-1], r.option): r.value if r.status == "determined" else r.status for r in readings}


def check(example: Example, law: Law) -> list[str]:
    """What both evaluations of an example get wrong, without the writing of a decision (which fixtures test)."""
    try:
        case = case_from_data(example.case, law, example.id)
        evaluation = Evaluation(law, case.known)
        hold_together(law, engine_for(law).decide(case.known), evaluation)
        seen = _seen(example, law, evaluation)
        seen.readings.update(_other(example, law, case.known, evaluation))
    except GrondslagError as fault:
        return [str(fault)]
    through = {key: _behind(key, law, evaluation) for key in example.through}
    return [*_differences(example, seen), *_not_through(example, through)]


def _behind(key: str, law: Law, evaluation: Evaluation) -> set[str]:
    """All that the rules read that give an outcome or may give it (where none does: that could have), and what these rest on."""
    seen: set[str] = set()
    todo = [key]
    while todo:
        current = todo.pop()
        givers = law.givers.get(current, ())
        live = [name for name in givers if evaluation.truth(name) is not False]
        nodes = [law.rules[name].then[current] for name in live]
        conditions = [law.rules[rule].condition for name in (live or givers) for rule in (name, *law.exceptions[name])]
        found = {ref for node in (*nodes, *conditions) for ref in refs(node)} - seen
        seen |= found
        todo += found
    return seen


def _not_through(example: Example, behind: Mapping[str, set[str]]) -> list[str]:
    return [f"through: {key} does not rest on {other}" for key, others in example.through.items() for other in others if other not in behind[key]]


@dataclass
class Seen:
    """What came out, in the terms of an example."""

    statuses: dict[str, str]
    values: dict[str, Any]
    possible: dict[str, list[Any]]
    forces: Mapping[str, str | None]
    applies: dict[str, bool | None]
    missing: set[str]
    cites: dict[str, set[str]]
    readings: dict[str, dict[tuple[str, str], Any]]


def _seen(example: Example, law: Law, evaluation: Evaluation) -> Seen:
    results = {key: evaluation.result(key) for key in law.outcomes if law.givers[key]}
    wanted = [key for key, value in example.expect.items() if isinstance(value, Mapping) and isinstance(value.get("undetermined"), list)]
    visible = [key for key in results if not law.outcomes[key].internal and not law.sets[law.outcomes[key].set].derived]
    missing = {fact for key in visible for fact in evaluation.missing(key)} if example.missing else set()
    return Seen(
        statuses={key: result.status for key, result in results.items()},
        values={key: None if result.value is UNKNOWN else to_plain(result.value) for key, result in results.items()},
        possible={key: [None if v is UNKNOWN else to_plain(v) for v in evaluation.possible(key)] for key in wanted if key in results},
        forces={key: evaluation.force(key) for key in example.expect if key in results},
        applies={rule: evaluation.applies(rule) for rule in law.rules},
        missing=missing | ({key for key in results if evaluation.missing(key) & missing} if missing else set()),
        cites={key: {citation.text for citation in evaluation.cited(key)} for key in example.expect if key in results},
        readings={},
    )


def _other(example: Example, law: Law, known: Mapping[str, Value], evaluation: Evaluation) -> dict[str, dict[tuple[str, str], Any]]:
    found: dict[str, dict[tuple[str, str], Any]] = {}
    for question, expected in example.readings.items():
        for key in expected:
            name = question if "." in question else f"{law.outcomes[key].set}.{question}"
            name = name if name in law.questions else next(q for q in law.questions if q.split(".")[-1] == question)
            for option in law.questions[name].options:
                other = Evaluation(law, known, {name: option})
                mine, theirs = evaluation.result(key), other.result(key)
                if (mine.status, mine.value) != (theirs.status, theirs.value):
                    value = to_plain(theirs.value) if theirs.status == "determined" else theirs.status
                    found.setdefault(key, {})[(question.split(".")[-1], option)] = value
    return found


def _differences(example: Example, seen: Seen) -> Iterator[str]:
    for key, wanted in example.expect.items():
        if key not in seen.statuses:
            yield f"{key}: there is no such outcome with rules"
        else:
            yield from _outcome(key, wanted, seen)
    for fact in example.missing:
        if fact not in seen.missing:
            yield f"missing: {fact} is not named (named: {', '.join(sorted(seen.missing))})"
    for name in example.applies:
        states = _states(name, seen)
        if True not in states:
            yield f"applies: {name} does not apply ({states or 'there is no such rule'})"
    for name in example.fails:
        states = _states(name, seen)
        if not states or states - {False}:
            yield f"fails: {name} should not apply ({states or 'there is no such rule'})"
    for name in example.powers:
        if True not in _states(name, seen):
            yield f"powers: {name} is {_states(name, seen) or 'not there'}"
    cited = set().union(*(seen.cites.get(key, set()) for key in example.expect))
    for cite in example.cites:
        if cite not in cited:
            yield f"cites: {cite} is not cited (cited: {', '.join(sorted(cited))})"
    for question, expected in example.readings.items():
        for key, options in expected.items():
            for option, wanted in options.items():
                found = seen.readings.get(key, {})
                place = (question.split(".")[-1], option)
                if place not in found:
                    yield f"readings: {key} has no other value under {question} {option} (there: {sorted(found)})"
                elif _key(found[place]) != _key(wanted):
                    yield f"readings: {key} under {question} {option}: expected {to_plain(wanted)}, found {found[place]}"


def _states(name: str, seen: Seen) -> set[bool | None]:
    return {applies for rule, applies in seen.applies.items() if rule == name or rule.split("@")[0] == name}


def _outcome(key: str, wanted: Any, seen: Seen) -> Iterator[str]:
    status, value, possible = seen.statuses[key], seen.values[key], seen.possible.get(key)
    if isinstance(wanted, Mapping) and set(wanted) <= {"undetermined", "value", "force"}:
        if "undetermined" in wanted:
            if status != "undetermined":
                yield f"{key}: expected undetermined, found {status} {value}"
            elif wanted["undetermined"] is not True and possible is not None and {_key(v) for v in possible} != {_key(v) for v in wanted["undetermined"]}:
                yield f"{key}: expected undetermined between {wanted['undetermined']}, found between {possible}"
        if "value" in wanted:
            yield from _outcome(key, wanted["value"], seen)
        if "force" in wanted and seen.forces.get(key) != wanted["force"]:
            yield f"{key}: expected force {wanted['force']}, found {seen.forces.get(key)}"
    elif not (wanted in ("not_applicable", "not_encoded", "undetermined") and status == wanted) and (status != "determined" or _key(value) != _key(wanted)):
        yield f"{key}: expected {to_plain(wanted)}, found {status} {value}{f' between {possible}' if possible else ''}"


def _key(value: Any) -> str:
    if isinstance(value, (list, tuple, frozenset)):
        return str(sorted(str(v) for v in value))
    return str(to_plain(value))


def main() -> int:
    law = load_rules()
    files = [Path(arg) for arg in sys.argv[1:] if arg.endswith(".yaml")] or sorted(HERE.rglob("*.yaml"))
    wanted = {arg for arg in sys.argv[1:] if not arg.endswith(".yaml")}
    good = bad = 0
    for file in files:
        for example in read_examples(file):
            if wanted and example.id not in wanted:
                continue
            found = check(example, law)
            good, bad = good + (not found), bad + bool(found)
            for fault in found:
                print(f"{file.name} {example.id}: {fault}")
    print(f"{good} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
