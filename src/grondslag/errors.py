"""Everything that can go wrong, in one hierarchy. Each message is one sentence for the person who has to mend it."""

from __future__ import annotations


class GrondslagError(Exception):
    """Base of all errors of this package."""


class InputError(GrondslagError):
    """A case file is not right. `problems` holds one sentence for each fault found."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class RuleError(GrondslagError):
    """The rules are not right. `problems` holds one sentence for each fault, each naming file, line and rule."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class ConflictError(GrondslagError):
    """Two rules, neither an exception to the other, both apply and give one outcome different values."""


class DisagreementError(GrondslagError):
    """Two evaluations of the same rules differ. This is a fault in the engine, never an answer."""
