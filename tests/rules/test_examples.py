"""Every worked example of the dossier gives what the chapter says, for the reason it says."""

from __future__ import annotations

import pytest

from examples import HERE, check
from grondslag import Law
from grondslag.examples import Example, read_examples

EXAMPLES = list(read_examples(HERE))


def test_ids_are_unique() -> None:
    seen = [(example.file, example.id) for example in EXAMPLES]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.file.removesuffix('.yaml')}-{e.id}")
def test_example(example: Example, law: Law) -> None:
    assert check(example, law) == []
