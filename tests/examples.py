"""Worked examples as data, held against decisions. `python tests/examples.py FILE [ID]` prints what went wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grondslag import Decision, Law, assess, case_from_data, load_rules
from grondslag.case import to_plain
from grondslag.decision import OutcomeTrace, RuleTrace
from grondslag.errors import GrondslagError
from grondslag.yamlread import parse_yaml

HERE = Path(__file__).parent / "rules"
FIELDS = {"id", "title", "chapter", "case", "set", "expect", "readings", "missing", "applies", "fails", "powers", "cites", "variants", "note"}


@dataclass(frozen=True)
class Example:
    """One case with what it must give and why."""

    id: str
    file: str
    case: Mapping[str, Any]
    expect: Mapping[str, Any]
    readings: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    applies: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    powers: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()


def read(file: Path) -> Iterator[Example]:
    """The examples of one file, variants included."""
    for item in parse_yaml(file.read_text(encoding="utf-8")) or []:
        yield from _expand(item, file.name)


def _expand(item: Mapping[str, Any], file: str) -> Iterator[Example]:
    for name in item:
        if name not in FIELDS:
            raise ValueError(f"{file}: example {item.get('id')}: unknown field {name}")
    if item.get("expect"):
        yield _example(item, file)
    for variant in item.get("variants") or []:
        case = deepcopy({k: dict(v) if isinstance(v, dict) else v for k, v in item["case"].items()})
        for key, value in (variant.get("set") or {}).items():
            group, _, name = key.partition(".")
            owner, last = (case.setdefault(group, {}), name) if name else (case, group)
            if value is None:
                owner.pop(last, None)
            else:
                owner[last] = value
        yield from _expand({"id": variant.get("id"), **{k: v for k, v in variant.items() if k != "set"}, "case": case}, file)


def _example(item: Mapping[str, Any], file: str) -> Example:
    lists = {name: tuple(item.get(name) or ()) for name in ("missing", "applies", "fails", "powers", "cites")}
    return Example(str(item["id"]), file, item["case"], item["expect"], item.get("readings") or {}, **lists)


def faults(example: Example, law: Law) -> list[str]:
    """What a decision on the example's case gets wrong; empty when all is as it must be."""
    try:
        decision = assess(case_from_data(example.case, law, example.id), law)
    except GrondslagError as fault:
        return [str(fault)]
    return compare(example, decision)


def compare(example: Example, decision: Decision) -> list[str]:
    """The differences between a decision and an example."""
    traces = decision.traces
    rules: dict[str, RuleTrace] = {r.rule: r for t in traces.values() for r in t.rules}
    powers = {p.rule: p.applies for s in decision.rule_sets.values() for p in s.powers}
    found: list[str] = []
    for key, wanted in example.expect.items():
        if key not in traces:
            found.append(f"{key}: there is no such outcome with rules")
        else:
            found += _outcome(key, wanted, traces[key], decision)
    named: set[str] = {f.fact for f in decision.missing}
    found += [f"missing: {fact} is not named (named: {', '.join(sorted(named))})" for fact in example.missing if fact not in named]
    for name in example.applies:
        states = _states(name, rules)
        if True not in states:
            found.append(f"applies: {name} does not apply ({states or 'no such rule in the trace'})")
    for name in example.fails:
        states = _states(name, rules)
        if not states or states - {False}:
            found.append(f"fails: {name} should not apply ({states or 'no such rule in the trace'})")
    found += [f"powers: {name} is {powers.get(name, 'not there')}" for name in example.powers if powers.get(name) is not True]
    outcomes = {key: o for s in decision.rule_sets.values() for key, o in s.outcomes.items()}
    live = [r for key in example.expect if key in traces for r in traces[key].rules if r.applies is not False]
    cited = {c.text for r in live for c in r.citations} | {c.text for key in example.expect if key in outcomes for c in outcomes[key].citations}
    found += [f"cites: {cite} is not cited (cited: {', '.join(sorted(cited))})" for cite in example.cites if cite not in cited]
    return found


def _states(name: str, rules: Mapping[str, RuleTrace]) -> set[bool | None]:
    return {rule.applies for full, rule in rules.items() if full == name or full.split("@")[0] == name}


def _outcome(key: str, wanted: Any, trace: OutcomeTrace, decision: Decision) -> Iterator[str]:
    outcome = next((s.outcomes[key] for s in decision.rule_sets.values() if key in s.outcomes), None)
    if isinstance(wanted, Mapping) and set(wanted) <= {"undetermined", "readings", "value", "force"}:
        if "undetermined" in wanted:
            if trace.status != "undetermined":
                yield f"{key}: expected undetermined, found {trace.status} {trace.value}"
            elif wanted["undetermined"] is not True and outcome is not None:
                possible = {_key(v) for v in outcome.possible}
                if possible != {_key(v) for v in wanted["undetermined"]}:
                    yield f"{key}: expected undetermined between {wanted['undetermined']}, found between {list(outcome.possible)}"
        if "value" in wanted:
            yield from _outcome(key, wanted["value"], trace, decision)
        if "force" in wanted and (outcome is None or outcome.force != wanted["force"]):
            yield f"{key}: expected force {wanted['force']}, found {outcome and outcome.force}"
        return
    if wanted in ("not_applicable", "not_encoded", "undetermined") and trace.status == wanted:
        return
    if trace.status != "determined" or _key(trace.value) != _key(wanted):
        among = f" between {list(outcome.possible)}" if outcome and outcome.possible else ""
        yield f"{key}: expected {to_plain(wanted)}, found {trace.status} {trace.value}{among}"


def reading_faults(example: Example, decision: Decision) -> list[str]:
    """The differences under other readings of the law."""
    found = []
    outcomes = {key: o for s in decision.rule_sets.values() for key, o in s.outcomes.items()}
    for question, expected in example.readings.items():
        for key, options in expected.items():
            for option, wanted in options.items():
                readings = {r.option: r for r in outcomes[key].readings if r.question.split(".")[-1] == question.split(".")[-1]}
                if option not in readings:
                    found.append(
                        f"readings: {key} has no other value under {question} {option} (there: {[(r.question, r.option) for r in outcomes[key].readings]})"
                    )
                elif _key(readings[option].value if readings[option].status == "determined" else readings[option].status) != _key(wanted):
                    found.append(f"readings: {key} under {question} {option}: expected {to_plain(wanted)}, found {readings[option].value}")
    return found


def _key(value: Any) -> str:
    if isinstance(value, (list, tuple, frozenset)):
        return str(sorted(str(v) for v in value))
    return str(to_plain(value))


def check(example: Example, law: Law) -> list[str]:
    """All faults of an example."""
    found = faults(example, law)
    if example.readings and not found:
        found = reading_faults(example, assess(case_from_data(example.case, law, example.id), law))
    return found


def main() -> int:
    law = load_rules()
    files = [Path(arg) for arg in sys.argv[1:] if arg.endswith(".yaml")] or sorted(HERE.rglob("*.yaml"))
    wanted = {arg for arg in sys.argv[1:] if not arg.endswith(".yaml")}
    good = bad = 0
    for file in files:
        for example in read(file):
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
