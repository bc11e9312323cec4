"""Cases through several rule sets at once: the dependency of one set on another can be seen in the trace (`through`, held in test_examples)."""

from __future__ import annotations

from examples import HERE
from grondslag import Law, assess, case_from_data
from grondslag.examples import read_examples


def test_at_least_fifteen_cases_rest_on_another_rule_set(law: Law) -> None:
    across = [
        example.id
        for example in read_examples(HERE / "together")
        if any(law.outcomes[key].set != law.outcomes[other].set for key, others in example.through.items() for other in others if other in law.outcomes)
    ]
    assert len(across) >= 15, across


def test_every_rule_set_takes_part(law: Law) -> None:
    seen = {law.outcomes[key].set for example in read_examples(HERE / "together") for key in example.expect}
    assert {"track", "amv", "art64", "departure_term", "buitenschuld", "entry_ban", "reception"} <= seen


def test_without_an_asylum_application_the_track_does_not_arise(law: Law) -> None:
    """It is shown as not applicable and asks for nothing."""
    data = {
        "case": {"reference_date": "2025-03-18"},
        "person": {"nationalities": ["MA"]},
        "application": {"phase": "never_applied", "made_on": "none", "lodged_on": "none"},
        "decision": {"kind": "departure_notice", "taken_on": "2025-03-18"},
    }
    track = assess(case_from_data(data, law, "case"), law, only=["track"]).rule_sets["track"]
    assert (track.status, track.missing, track.powers, track.deadlines) == ("not_applicable", (), (), ())
