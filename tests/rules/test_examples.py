"""Every worked example of the dossier gives what the chapter says, for the reason it says."""

from __future__ import annotations

import pytest

from examples import HERE, Example, check, read
from grondslag import Law

EXAMPLES = [example for file in sorted(HERE.rglob("*.yaml")) for example in read(file)]


def test_ids_are_unique() -> None:
    seen = [(example.file, example.id) for example in EXAMPLES]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.file.removesuffix('.yaml')}-{e.id}")
def test_example(example: Example, law: Law) -> None:
    assert check(example, law) == []
