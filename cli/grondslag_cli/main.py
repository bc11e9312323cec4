"""`grondslag`: commands, options, exit codes. Everything it shows comes from the library."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from grondslag import Case, Decision, Law
    from grondslag.report import Page

app = typer.Typer(
    name="grondslag",
    help="What follows from Dutch immigration law for a case, on which article, and what would have to be different.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
DETERMINED, UNDETERMINED, BAD_INPUT, FAULT = 0, 1, 2, 3


class Format(StrEnum):
    """Forms of output."""

    text = "text"
    json = "json"
    md = "md"


class Lang(StrEnum):
    """Languages of output."""

    nl = "nl"
    en = "en"


CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="Case file in YAML or JSON; - for standard input.")]
CasesArgument = Annotated[list[str] | None, typer.Argument(metavar="[FILE]...", help="Worked examples or cases with what they must give; files or folders.")]
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="Form of the output.")]
LangOption = Annotated[Lang, typer.Option("--lang", "-l", help="Language of the output.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Reference date, in place of the one in the case (YYYY-MM-DD).")]
AssumeOption = Annotated[list[str] | None, typer.Option("--assume", metavar="FACT=VALUE", help="Assume a fact; may be given more than once.")]
RestOption = Annotated[bool, typer.Option("--assume-rest-false", help="Assume every missing yes/no fact that still matters to be no.")]
ReadingOption = Annotated[list[str] | None, typer.Option("--reading", metavar="QUESTION=OPTION", help="Take another reading of an open question of law.")]
AllOption = Annotated[bool, typer.Option("--all", help="Show every side result and every missing fact.")]
OnlyOption = Annotated[list[str] | None, typer.Option("--only", metavar="SET", help="Show only this rule set; may be given more than once.")]
RulesOption = Annotated[str | None, typer.Option("--rules", metavar="DIR", help="Folder of rules, in place of those of the package.")]


@app.command()
def assess(
    case: CaseArgument, format: FormatOption = Format.text, lang: LangOption = Lang.nl, as_of: AsOfOption = None, assume: AssumeOption = None,
    assume_rest_false: RestOption = False, reading: ReadingOption = None, rules: RulesOption = None, everything: AllOption = False, only: OnlyOption = None,
) -> None:  # fmt: skip
    """Decide a case and show what follows, on which article, and what is still missing."""
    from grondslag import report

    law = _law(rules)
    decision = _decide(law, case, as_of, assume, assume_rest_false, reading, only)
    if format is Format.json:
        _write(report.to_json(decision))
    elif format is Format.md:
        _write(report.markdown(decision, lang.value))
    else:
        _show(report.text_page(decision, lang.value, _width(), everything=everything))
    raise typer.Exit(_code(decision))


@app.command()
def why(
    case: CaseArgument, outcome: Annotated[str, typer.Argument(help="Key of an outcome, as JSON output shows it.")], format: FormatOption = Format.text,
    lang: LangOption = Lang.nl, as_of: AsOfOption = None, assume: AssumeOption = None, assume_rest_false: RestOption = False,
    reading: ReadingOption = None, rules: RulesOption = None,
) -> None:  # fmt: skip
    """Show how one outcome came about: each rule that gives it or could, with its conditions and facts."""
    from grondslag import report
    from grondslag.parse import suggest

    law = _law(rules)
    decision = _decide(law, case, as_of, assume, assume_rest_false, reading)
    traces = decision.traces
    if outcome not in traces:
        _fail(BAD_INPUT, f"outcome {outcome}: there is no such outcome{suggest(outcome, list(traces))}.")
    if format is Format.json:
        _write(report.to_json(traces[outcome]))
    else:
        _show(report.why_page(decision, outcome, lang.value, _width()), format)
    raise typer.Exit(DETERMINED if traces[outcome].status != "undetermined" else UNDETERMINED)


@app.command(name="why-not")
def why_not(
    case: CaseArgument, wanted: Annotated[str, typer.Argument(metavar="WANTED", help="A rule, or an outcome with the wanted value: KEY=VALUE.")],
    format: FormatOption = Format.text, lang: LangOption = Lang.nl, as_of: AsOfOption = None, assume: AssumeOption = None,
    assume_rest_false: RestOption = False, reading: ReadingOption = None, rules: RulesOption = None,
) -> None:  # fmt: skip
    """Show why a rule does not apply, or why an outcome does not have a wanted value: the condition that fails or is unknown."""
    from grondslag import report
    from grondslag.assess import explain_rules

    law = _law(rules)
    found = _read(law, case, as_of, assume, assume_rest_false)
    traces = explain_rules(found, law, wanted, readings=_pairs(reading, "--reading"))
    if format is Format.json:
        _write(report.to_json([trace.model_dump(mode="json") for trace in traces]))
    else:
        _show(report.rules_page(traces, lang.value, _width()), format)
    raise typer.Exit(DETERMINED)


@app.command()
def facts(
    search: Annotated[str, typer.Argument(help="Show only facts in which this stands.")] = "", format: FormatOption = Format.text,
    lang: LangOption = Lang.nl, rules: RulesOption = None,
) -> None:  # fmt: skip
    """List the facts that a case can state: key, question, values, who establishes it."""
    from grondslag import report

    law = _law(rules)
    data = report.facts_data(law, search)
    if not data:
        _fail(BAD_INPUT, f"facts: nothing found for `{search}`; `grondslag facts` lists all.")
    if format is Format.json:
        _write(report.to_json(data))
    else:
        _show(report.facts_page(law, data, lang.value, _width()), format)


@app.command()
def law(
    citation: Annotated[list[str], typer.Argument(metavar="ARTICLE...", help="A citation in its short Dutch form, or a judgment by ECLI or case number.")],
    format: FormatOption = Format.text, lang: LangOption = Lang.nl, rules: RulesOption = None,
) -> None:  # fmt: skip
    """Show the rules that rest on an article: their versions, their words, and what each was checked against."""
    from grondslag import report
    from grondslag.sources import CitationError

    found = _law(rules)
    try:
        data = report.law_data(found, " ".join(citation))
    except CitationError as fault:
        _fail(BAD_INPUT, f"law: {fault}.")
    if format is Format.json:
        _write(report.to_json(data))
    else:
        _show(report.law_page(data, lang.value, _width()), format)


@app.command()
def coverage(
    examples: CasesArgument = None,
    format: FormatOption = Format.md, lang: LangOption = Lang.nl, rules: RulesOption = None,
) -> None:  # fmt: skip
    """Show for each article its rules, versions, examples, judgments and what they were checked against; and what is not encoded."""
    from pathlib import Path

    from grondslag import coverage as cover
    from grondslag import report
    from grondslag.examples import read_examples

    found = _law(rules)
    missing = [name for name in examples or () if not Path(name).exists()]
    if missing:
        _fail(BAD_INPUT, f"coverage: {missing[0]}: there is no such file or folder.")
    data = cover.coverage(found, (example for name in examples or () for example in read_examples(Path(name))))
    _write(report.to_json(data) if format is Format.json else cover.markdown(data, lang.value))


@app.command()
def prove(
    sets: Annotated[list[str] | None, typer.Argument(metavar="[SET]...", help="Rule sets; all when none is named.")] = None,
    check: Annotated[list[str] | None, typer.Option("--check", metavar="NAME", help="conflict, total, dead, exception, versions or invariant.")] = None,
    examples: Annotated[list[str] | None, typer.Option("--examples", metavar="FILE", help="Worked examples: what decides in one needs no proof.")] = None,
    out: Annotated[str | None, typer.Option("--out", metavar="DIR", help="Write each counterexample there as a case file.")] = None,
    format: FormatOption = Format.text, lang: LangOption = Lang.nl, rules: RulesOption = None,
) -> None:  # fmt: skip
    """Prove that the rules do not contradict each other, that each can decide, and that main outcomes always have a value; else show a case."""
    from pathlib import Path

    from grondslag import report
    from grondslag.case import case_from_data
    from grondslag.examples import read_examples

    try:
        from grondslag.prove import CHECKS
        from grondslag.prove import prove as run
    except ImportError:
        _fail(BAD_INPUT, "prove: this needs z3; install it with `pip install grondslag[prove]`.")
    found = _law(rules)
    known = [case_from_data(e.case, found, e.id).known for name in examples or () for e in read_examples(Path(name))]
    findings = run(found, sets or (), check or CHECKS, seen=known)
    files = report.write_counterexamples(findings, Path(out)) if out else {}
    if format is Format.json:
        _write(report.to_json(report.proof_data(findings)))
    else:
        _show(report.proof_page(found, findings, files, lang.value, _width()), format)
    raise typer.Exit(DETERMINED if all(finding.verdict == "proven" for finding in findings) else UNDETERMINED)


@app.command()
def replay(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="A decision as JSON (assess --format json); - for standard input.")],
    lang: LangOption = Lang.nl, rules: RulesOption = None,
) -> None:  # fmt: skip
    """Derive a decision again and say whether anything differs."""
    from grondslag import report
    from grondslag.assess import read_decision
    from grondslag.assess import replay as derive

    found = _law(rules)
    _, differences = derive(read_decision(decision), found)
    if not differences:
        _write(report.ui("same", lang.value) + "\n")
        raise typer.Exit(DETERMINED)
    _write(f"{report.ui('differs', lang.value)}:\n" + "".join(f"  {line}\n" for line in differences))
    raise typer.Exit(UNDETERMINED)


@app.command()
def schema(which: Annotated[str, typer.Argument(metavar="case|decision", help="Which form.")] = "case", rules: RulesOption = None) -> None:
    """Print the JSON Schema of a case or of a decision."""
    from grondslag import Decision, report
    from grondslag.schema import case_schema

    if which not in ("case", "decision"):
        _fail(BAD_INPUT, f"schema: `{which}` is not one of case, decision.")
    _write(report.to_json(case_schema(_law(rules)) if which == "case" else Decision.model_json_schema()))


# --- shared -------------------------------------------------------------------------------------------------------


def _law(folder: str | None) -> Law:
    from grondslag import load_rules

    return load_rules(folder)


def _read(law: Law, path: str, as_of: str | None, assume: list[str] | None, rest: bool, only: list[str] | None = None) -> Case:
    from grondslag.assess import assume_rest_false
    from grondslag.case import read_case

    pairs = _pairs(assume, "--assume")
    case = read_case(path, law, as_of=_date(as_of))
    if pairs:
        case = case.with_text(law, pairs)
    return assume_rest_false(case, law, only=only or ()) if rest else case


def _decide(
    law: Law, path: str, as_of: str | None, assume: list[str] | None, rest: bool, reading: list[str] | None, only: list[str] | None = None
) -> Decision:  # fmt: skip
    from grondslag.assess import assess

    return assess(_read(law, path, as_of, assume, rest, only), law, readings=_pairs(reading, "--reading"), only=only or ())


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        _fail(BAD_INPUT, f"--as-of: `{text}` is not a date that exists; write YYYY-MM-DD.")


def _pairs(items: list[str] | None, option: str) -> dict[str, str]:
    pairs = {}
    for item in items or ():
        key, sign, value = item.partition("=")
        if not sign or not key:
            _fail(BAD_INPUT, f"{option}: `{item}` has to be NAME=VALUE.")
        pairs[key.strip()] = value.strip()
    return pairs


def _code(decision: Decision) -> int:
    return DETERMINED if decision.status in ("determined", "not_applicable") else UNDETERMINED


def _width() -> int:
    from rich.console import Console

    return min(Console().width, 160) if sys.stdout.isatty() else min(Console(width=None).width, 120)


def _show(page: Page, format: Format = Format.text) -> None:
    """A page with colours in a terminal, plain elsewhere, as a block of text in Markdown."""
    if format is Format.md:
        _write(f"```text\n{page.plain()}```\n")
        return
    if not sys.stdout.isatty():
        _write(page.plain())
        return
    from rich.console import Console

    console = Console(width=page.width, highlight=False, markup=False)
    for line in page.lines:
        console.print(line, soft_wrap=True)


_ASCII = str.maketrans(
    {"├": "|", "└": "`", "│": "|", "─": "-", "✓": "+", "✗": "x", "·": "-", "→": ">", "≤": "<", "≥": ">", "…": ".", "−": "-", "×": "x", "÷": "/", "—": "-"}
)


def _write(text: str) -> None:
    encoding = (sys.stdout.encoding or "utf-8").lower()
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_ASCII).encode(encoding, "replace").decode(encoding)
    sys.stdout.write(text)


def _fail(code: int, *messages: str) -> NoReturn:
    for message in messages:
        sys.stderr.write(message + "\n")
    raise typer.Exit(code)


def main(args: list[str] | None = None) -> None:
    """Run the command and exit with its code; every foreseen fault is one clear message on standard error."""
    from grondslag.errors import ConflictError, DisagreementError, GrondslagError, InputError, RuleError

    try:
        app(args=args, prog_name="grondslag", standalone_mode=True)
    except InputError as fault:
        sys.stderr.write("".join(problem + "\n" for problem in fault.problems))
        sys.exit(BAD_INPUT)
    except (RuleError, ConflictError, DisagreementError, GrondslagError) as fault:
        sys.stderr.write(f"{fault}\n")
        sys.exit(FAULT)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(DETERMINED)


__all__ = ["app", "main"]
