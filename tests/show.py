"""Print how one worked example came out: `python tests/show.py FILE ID [OUTCOME …]`."""

from __future__ import annotations

import sys
from pathlib import Path

from examples import check
from grondslag import assess, case_from_data, load_rules
from grondslag.decision import Step
from grondslag.examples import read_examples

MARK = {True: "+", False: "-", None: "?"}


def step(node: Step, depth: int) -> None:
    print("  " * depth + f"{MARK[node.truth]} {node.words.en}")
    for part in node.parts:
        step(part, depth + 1)


def main() -> None:
    law = load_rules()
    file, wanted, *keys = sys.argv[1:]
    for example in read_examples(Path(file)):
        if example.id != wanted:
            continue
        print("\n".join(check(example, law)) or "all right")
        decision = assess(case_from_data(example.case, law), law)
        for rule_set in decision.rule_sets.values():
            for key, outcome in rule_set.outcomes.items():
                others = [(r.question, r.option, r.value) for r in outcome.readings]
                print(f"{key} = {outcome.value} [{outcome.status}] {list(outcome.possible) or ''} {others or ''}")
            for trace in rule_set.trace:
                if keys and trace.outcome not in keys:
                    continue
                print(f"\n{trace.outcome} = {trace.value} [{trace.status}]")
                for rule in trace.rules:
                    if rule.applies is False and rule.holds is False and not keys:
                        continue
                    aside = [*rule.set_aside_by, *(f"{name}?" for name in rule.may_be_set_aside_by)]
                    print(f"  {MARK[rule.applies]} {rule.rule} (holds {MARK[rule.holds]}) gives {rule.gives} {aside or ''}")
                    if rule.conditions:
                        step(rule.conditions, 3)
        print("missing:", [f.fact for f in decision.missing])


if __name__ == "__main__":
    main()
