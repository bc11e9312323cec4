"""Renderings of a decision: text for a terminal, Markdown, JSON. They show what the decision holds and add nothing to it."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text as Styled

from . import decision as d
from .errors import InputError
from .expr import show_value
from .model import Law, Rule, Words
from .sources import CitationError
from .words import Speaker, day

if TYPE_CHECKING:
    from .prove import Finding

_ = Words
UI: Mapping[str, Words] = {
    "reference_date": _("Peildatum", "Reference date"),
    "facts": _("feiten", "facts"),
    "open": _("onbekend en nog van belang", "unknown and still relevant"),
    "determined": _("bepaald", "determined"),
    "undetermined": _("nog niet bepaald", "undetermined"),
    "not_applicable": _("niet van toepassing", "not applicable"),
    "other_versions": _("versies van een andere datum", "versions of another date"),
    "proven": _("bewezen", "proven"),
    "refuted": _("weerlegd", "refuted"),
    "undecided": _("niet beslist", "undecided"),
    "listed": _("{} vermeld", "{} listed"),
    "check_conflict": _("geen regels die elkaar tegenspreken", "no rules that contradict each other"),
    "check_total": _("een hoofduitkomst in elke volledige zaak", "a main outcome in every complete case"),
    "check_dead": _("elke regel kan beslissen", "every rule can decide"),
    "check_exception": _("elke uitzondering doet ertoe", "every exception matters"),
    "check_versions": _("versies sluiten aan", "versions adjoin"),
    "check_invariant": _("wat altijd moet gelden", "what must always hold"),
    "not_encoded": _("niet gecodeerd voor deze datum", "not encoded for this date"),
    "bound": _("gebonden", "bound"),
    "policy": _("beleid", "policy"),
    "discretionary": _("bevoegdheid", "discretionary"),
    "possible": _("nog mogelijk", "still possible"),
    "powers": _("Bevoegdheden daarnaast", "Powers beside this"),
    "power_open": _("alleen als vaststaat", "only if established"),
    "limits": _("grens", "limit"),
    "deadlines": _("Termijnen", "Deadlines"),
    "passed": _("verstreken", "passed"),
    "then": _("daarna", "after that"),
    "readings": _("Betwiste rechtsvragen", "Open questions of law"),
    "taken": _("aangehouden", "taken"),
    "other": _("andere lezing", "other reading"),
    "gives": _("geeft", "gives"),
    "contested": _("betwist", "contested"),
    "many": _("{} mogelijkheden", "{} possibilities"),
    "not_yet": _(
        "en {} bijkomende uitkomsten en bevoegdheden die nog niet te zeggen zijn (--all)", "and {} side results and powers not yet determined (--all)"
    ),
    "more": _("en nog {} feiten die andere uitkomsten raken (--all toont alles)", "and {} more facts that touch other outcomes (--all shows everything)"),
    "settled": _(
        "De hoofduitkomsten staan vast; {} onbekende feiten raken alleen bijkomende uitkomsten (--all).",
        "The main outcomes are final; {} unknown facts touch side results only (--all).",
    ),
    "missing": _("Kan de uitkomst nog veranderen", "Can still change the outcome"),
    "by": _("vast te stellen door", "established by"),
    "open_norm": _("open norm", "open norm"),
    "disputed": _("betwist", "disputed"),
    "assumed": _("Aangenomen", "Assumed"),
    "disputed_facts": _("Betwist, telt als onbekend", "Disputed, counts as unknown"),
    "checked": _("getoetst aan", "checked against"),
    "unchecked": _("niet aan de officiële tekst getoetst", "not checked against the official text"),
    "secondary": _("getoetst aan een secundaire bron", "checked against a secondary source"),
    "aid": _(
        "Hulpmiddel voor een deskundige, geen juridisch advies.",
        "An aid to a professional, not legal advice.",
    ),
    "applies": _("van toepassing", "applies"),
    "may_apply": _("misschien van toepassing", "may apply"),
    "fails": _("niet van toepassing", "does not apply"),
    "set_aside": _("opzijgezet door", "set aside by"),
    "may_set_aside": _("misschien opzijgezet door", "may be set aside by"),
    "stated": _("in de zaak vermeld", "stated in the case"),
    "default": _("geen regel geeft een andere waarde", "no rule gives another value"),
    "nothing": _("geen regel geeft deze uitkomst", "no rule gives this outcome"),
    "rule": _("regel", "rule"),
    "rules_version": _("regels", "rules"),
    "version": _("versie", "version"),
    "from": _("vanaf", "from"),
    "until": _("tot en met", "until"),
    "same": _("Niets verschilt: de beslissing is opnieuw afgeleid.", "Nothing differs: the decision was derived again."),
    "differs": _("Verschillen", "Differences"),
}
_MARKS = {True: "✓", False: "✗", None: "?"}
_STYLES = {True: "green", False: "red", None: "yellow"}
_TRUTHS = {True: _("ja", "yes"), False: _("nee", "no"), None: _("onbekend", "unknown")}
_MINIMUM, _CITES, _CITED, _MISSING, _POSSIBLE = 40, 44, 3, 12, 7


def ui(name: str, lang: str) -> str:
    """A word of the user interface."""
    return UI[name][0 if lang == "nl" else 1]


def truth_word(truth: bool | None, lang: str) -> str:
    """`ja`, `nee` or `onbekend`."""
    return _TRUTHS[truth][0 if lang == "nl" else 1]


@dataclass
class Page:
    """Lines of text of a width, with styles; each line is made to fit."""

    width: int
    lines: list[Styled] = field(default_factory=list)

    def add(self, text: str, *, style: str = "", first: str = "", rest: str | None = None, cites: str = "") -> None:
        """A paragraph behind a prefix, with citations at the right where they fit and below it where they do not."""
        rest = " " * len(first) if rest is None else rest
        room = max(self.width - len(first), 12)
        beside = bool(cites) and self.width >= 72 and len(cites) <= min(_CITES, self.width // 2)
        body = textwrap.wrap(text, room - (len(cites) + 2 if beside else 0), break_long_words=True) or [""]
        for n, part in enumerate(body):
            line = Styled(first if n == 0 else rest, style="dim")
            line.append(part, style=style)
            if n == 0 and beside:
                line.append(" " * max(self.width - len(line.plain) - len(cites), 2))
                line.append(cites, style="cyan")
            self.lines.append(line)
        if cites and not beside:
            for part in textwrap.wrap(cites, room):
                self.lines.append(Styled(rest, style="dim").append(part, style="cyan"))

    def blank(self) -> None:
        self.lines.append(Styled(""))

    def plain(self) -> str:
        """The page without styles."""
        return "\n".join(line.plain.rstrip() for line in self.lines) + "\n"


def cites(citations: Iterable[d.Cited], most: int = _CITED) -> str:
    """Citations in their short form, the first few."""
    found = [citation.text for citation in citations]
    return " · ".join(found[:most]) + (" · …" if len(found) > most else "")


# --- text ---------------------------------------------------------------------------------------------------------


def text_page(decision: d.Decision, lang: str = "nl", width: int = 100, *, everything: bool = False) -> Page:
    """The decision for a terminal: per rule set the outcome, why, the powers, the deadlines, what is missing.

    Without `everything` the undetermined side results and the facts that only they need are named in short.
    """
    page = Page(max(width, _MINIMUM))
    missing = decision.missing
    head = f"{ui('reference_date', lang)} {day(decision.reference_date, lang)} · {ui('facts', lang)} {decision.facts_known} · {ui('open', lang)} {len(missing)}"
    page.add(head, style="bold")
    for name, group in (("assumed", decision.assumptions), ("disputed_facts", decision.disputed)):
        if group:
            listed = "; ".join(f"{item.label[lang]} = {item.words[lang]}" for item in group)
            page.add(f"{ui(name, lang)}: {listed}", style="yellow")
    for rule_set in decision.rule_sets.values():
        page.blank()
        _rule_set(page, rule_set, lang, everything=everything)
    if missing:
        _all_missing(page, decision, lang, everything=everything)
    page.blank()
    page.add(f"{ui('aid', lang)} {ui('rules_version', lang)} {decision.receipt.rules[:12]}.", style="dim")
    return page


def _rule_set(page: Page, rule_set: d.RuleSetDecision, lang: str, *, everything: bool) -> None:
    status = "" if rule_set.status == "determined" else f" — {ui(rule_set.status, lang)}"
    page.add(f"{rule_set.title[lang].upper()}{status}", style="bold")
    if _says_nothing(rule_set):
        return
    dated = {deadline.outcome for deadline in rule_set.deadlines}
    shown = [o for key, o in rule_set.outcomes.items() if _shown(o) and (o.headline or key not in dated)]
    hidden = [] if everything else [o for o in shown if o.status == "undetermined" and not o.headline]
    for outcome in sorted((o for o in shown if o not in hidden), key=lambda o: not o.headline):
        _outcome(page, outcome, lang)
    powers = [power for power in rule_set.powers if power.applies or everything]
    if powers:
        page.add(ui("powers", lang), style="bold", first="  ")
        for power in powers:
            _power(page, power, lang)
    if rule_set.deadlines:
        page.add(ui("deadlines", lang), style="bold", first="  ")
        for deadline in rule_set.deadlines:
            _deadline(page, deadline, lang)
    groups = reading_groups(rule_set)
    if groups:
        page.add(ui("readings", lang), style="bold", first="  ")
        for first, changes in groups:
            page.add(f"{first.asks[lang]} {ui('taken', lang).capitalize()}: {first.taken[lang]}.", style="magenta", first="  · ")
            page.add(f"{ui('other', lang).capitalize()}: {first.other[lang]}. {ui('gives', lang).capitalize()} {_changes(changes, lang)}", first="    ")
    waiting = len(hidden) + len(rule_set.powers) - len(powers)
    if waiting:
        page.add(ui("not_yet", lang).format(waiting), style="dim", first="  ")


def reading_groups(rule_set: d.RuleSetDecision) -> list[tuple[d.Reading, list[tuple[d.OutcomeDecision, d.Reading]]]]:
    """The other readings of open questions, each with the outcomes that it changes."""
    groups: dict[tuple[str, str], list[tuple[d.OutcomeDecision, d.Reading]]] = {}
    for outcome in rule_set.outcomes.values():
        for reading in outcome.readings:
            groups.setdefault((reading.question, reading.option), []).append((outcome, reading))
    return [(changes[0][1], changes) for changes in groups.values()]


def _changes(changes: Iterable[tuple[d.OutcomeDecision, d.Reading]], lang: str) -> str:
    return "; ".join(f"{outcome.label[lang]}: {reading.words[lang]}" for outcome, reading in changes) + "."


def _says_nothing(rule_set: d.RuleSetDecision) -> bool:
    """Whether a rule set has no more to say than its status."""
    return rule_set.status == "not_applicable" or all(outcome.status == "not_encoded" for outcome in rule_set.outcomes.values())


def _shown(outcome: d.OutcomeDecision) -> bool:
    """Whether an outcome says something: not when it is absent, an unset flag or an empty set."""
    if outcome.status in ("not_applicable", "not_encoded"):
        return outcome.headline
    return outcome.headline or outcome.value not in (False, []) or outcome.status == "undetermined"


def possible_words(outcome: d.OutcomeDecision, lang: str, most: int = _POSSIBLE) -> str:
    """The values still possible; one that cannot be told yet becomes an ellipsis."""
    words = dict.fromkeys(w[lang] if value is not None else "…" for value, w in zip(outcome.possible, outcome.possible_words, strict=True))
    if len(words) > most:
        return ui("many", lang).format(len(words))
    return " / ".join(sorted(words, key=lambda w: w == "…"))


def _outcome(page: Page, outcome: d.OutcomeDecision, lang: str) -> None:
    words = outcome.words[lang]
    if outcome.status == "undetermined":
        words += f"; {ui('possible', lang)}: {possible_words(outcome, lang)}"
    force = f" ({ui(outcome.force, lang)})" if outcome.force and outcome.headline and outcome.status == "determined" else ""
    contested = f" [{ui('contested', lang)}]" if outcome.readings else ""
    style = "bold" if outcome.headline else ""
    if outcome.status == "undetermined":
        style += " yellow"
    branches: list[tuple[str, str]] = []
    if outcome.headline:
        branches += [(text[lang], "") for text in outcome.says]
    if outcome.stated:
        branches.append((ui("stated", lang), ""))
    if outcome.checked == "none" and outcome.status == "determined":
        branches.append((ui("unchecked", lang), "yellow"))
    shown = cites(outcome.citations) if outcome.status != "undetermined" else ""
    page.add(f"{outcome.label[lang]}: {words}{force}{contested}", style=style.strip(), first="  ", rest="    ", cites=shown)
    for n, (text, branch_style) in enumerate(branches):
        last = n == len(branches) - 1
        page.add(text, style=branch_style, first="  └─ " if last else "  ├─ ", rest="     " if last else "  │  ")


def _all_missing(page: Page, decision: d.Decision, lang: str, *, everything: bool) -> None:
    headlines = {key for s in decision.rule_sets.values() for key, o in s.outcomes.items() if o.headline}
    decisive = [fact for fact in decision.missing if everything or headlines & set(fact.affects)]
    shown = decisive if everything else decisive[:_MISSING]
    page.blank()
    rest = len(decision.missing) - len(shown)
    if not shown:
        page.add(ui("settled", lang).format(rest), style="dim")
        return
    page.add(f"{ui('missing', lang)}:", style="bold")
    for n, fact in enumerate(shown, 1):
        _missing(page, fact, n, lang)
    if rest:
        page.add(ui("more", lang).format(rest), style="dim", first="     ")


def _power(page: Page, power: d.Power, lang: str) -> None:
    words = power.words[lang]
    if power.applies is None:
        words += f" [{ui('undetermined', lang)}]"
    page.add(words, first="  · ", cites=cites(power.citations))
    if power.limits:
        page.add(f"{ui('limits', lang)}: {power.limits[lang]}", style="dim", first="    ")


def _deadline(page: Page, deadline: d.DeadlineDate, lang: str) -> None:
    passed = f" ({ui('passed', lang)})" if deadline.passed else ""
    page.add(
        f"{day(deadline.date, lang)}{passed}: {deadline.event[lang]}", first="  · ", cites=cites(deadline.citations[:2]), style="red" if deadline.passed else ""
    )
    for step in deadline.counting:
        page.add(step[lang], style="dim", first="    ")
    page.add(f"{ui('then', lang)}: {deadline.after[lang]}", style="dim", first="    ")
    for reading in deadline.readings:
        page.add(f"{ui('other', lang)}: {reading.words[lang]}", style="magenta", first="    ")


def _missing(page: Page, fact: d.MissingFact, n: int, lang: str) -> None:
    notes = [f"{ui('by', lang)} {', '.join(who[lang] for who in fact.by)}"] if fact.by else []
    notes += [ui("open_norm", lang)] if fact.open_norm != "no" else []
    notes += [ui("disputed", lang)] if fact.disputed else []
    page.add(fact.ask[lang], first=f"{n:>3}. ")
    page.add(f"{'; '.join(notes)} [{fact.fact}]".strip(), style="dim", first="     ")


# --- why ------------------------------------------------------------------------------------------------------------


def why_page(decision: d.Decision, outcome: str, lang: str = "nl", width: int = 100, *, deep: bool = True) -> Page:
    """The whole trace of one outcome: each rule that gives it or could, with its conditions; outcomes it rests on are opened too."""
    page = Page(max(width, _MINIMUM))
    traces = decision.traces
    _trace(page, traces, outcome, lang, set(), deep=deep)
    return page


def _trace(page: Page, traces: Mapping[str, d.OutcomeTrace], key: str, lang: str, seen: set[str], *, deep: bool) -> None:
    trace = traces[key]
    seen.add(key)
    page.add(f"{trace.label[lang]}: {trace.words[lang] if trace.status != 'undetermined' else ui('undetermined', lang)}", style="bold")
    if trace.stated:
        page.add(ui("stated", lang), first="  ")
    live = [rule for rule in trace.rules if rule.applies is not False]
    others = [rule for rule in trace.rules if rule.applies is False and not rule.other_version]
    elsewhen = [rule.rule for rule in trace.rules if rule.applies is False and rule.other_version]
    if not live and not trace.stated:
        page.add(ui("default" if trace.status == "determined" else "nothing", lang), first="  ")
    below: list[str] = []
    for rule in live:
        _rule(page, rule, lang)
        below += [k for k in (*rule.reads, *_keys(rule.conditions)) if k in traces and k not in seen]
    for rule in others:
        _rule(page, rule, lang)
    if elsewhen:
        page.add(f"{ui('other_versions', lang)}: {', '.join(elsewhen)}", style="dim", first="  ", rest="    ")
    if deep:
        for name in dict.fromkeys(below):
            if name not in seen:
                page.blank()
                _trace(page, traces, name, lang, seen, deep=deep)


def _rule(page: Page, rule: d.RuleTrace, lang: str) -> None:
    word = ui({True: "applies", None: "may_apply", False: "fails"}[rule.applies], lang)
    page.add(f"{_MARKS[rule.applies]} {rule.says[lang]}", style=_STYLES[rule.applies], first="  ", rest="    ", cites=cites(rule.citations))
    status = {"primary": f"{ui('checked', lang)} {rule.checked.against}", "secondary": ui("secondary", lang), "none": ui("unchecked", lang)}[
        rule.checked.status
    ]
    note = f" {rule.checked.note[lang]}" if rule.checked.note else ""
    page.add(f"{word} · {ui(rule.force, lang)} · {ui('rule', lang)} {rule.rule} · {status}.{note}", style="dim", first="    ")
    if rule.conditions is not None:
        for step in rule.conditions.parts if rule.conditions.kind == "all" and rule.conditions.truth is not False else (rule.conditions,):
            _step(page, step, lang, 2)
    for name, group in (("set_aside", rule.set_aside_by), ("may_set_aside", rule.may_be_set_aside_by)):
        if group:
            page.add(f"{ui(name, lang)} {', '.join(group)}", style="yellow", first="    ")


def _step(page: Page, step: d.Step, lang: str, depth: int) -> None:
    indent = "  " * min(depth, 10)
    page.add(f"{_MARKS[step.truth]} {step.words[lang]}", style=_STYLES[step.truth] if step.kind == "test" else "", first=indent, rest=indent + "  ")
    for part in step.parts:
        _step(page, part, lang, depth + 1)


def _keys(step: d.Step | None) -> Iterator[str]:
    if step is not None:
        yield from step.keys
        for part in step.parts:
            yield from _keys(part)


def rules_page(rules: Iterable[d.RuleTrace], lang: str = "nl", width: int = 100) -> Page:
    """Rules with what makes them apply or not."""
    page = Page(max(width, _MINIMUM))
    for rule in rules:
        _rule(page, rule, lang)
    return page


# --- Markdown and JSON -------------------------------------------------------------------------------------------------


def markdown(decision: d.Decision, lang: str = "nl") -> str:
    """The decision as Markdown, with links to the sources."""
    out: list[str] = [f"# {ui('reference_date', lang)} {day(decision.reference_date, lang)}", ""]
    for name, group in (("assumed", decision.assumptions), ("disputed_facts", decision.disputed)):
        out += [f"- {ui(name, lang)}: {_md(item.label[lang])} = {_md(item.words[lang])}" for item in group]
    for rule_set in decision.rule_sets.values():
        out += ["", f"## {_md(rule_set.title[lang])} — {ui(rule_set.status, lang)}", ""]
        if _says_nothing(rule_set):
            continue
        for outcome in sorted((o for o in rule_set.outcomes.values() if _shown(o)), key=lambda o: not o.headline):
            out += _outcome_md(outcome, lang)
        for first, changes in reading_groups(rule_set):
            out += ["", f"**{ui('readings', lang)}.** {_md(first.asks[lang])} {ui('taken', lang).capitalize()}: {_md(first.taken[lang])}."]
            out += [f"{ui('other', lang).capitalize()}: {_md(first.other[lang])}. {ui('gives', lang).capitalize()} {_md(_changes(changes, lang))}", ""]
        if rule_set.powers:
            out += ["", f"### {ui('powers', lang)}", ""]
            for power in rule_set.powers:
                limits = f" {ui('limits', lang)}: {_md(power.limits[lang])}" if power.limits else ""
                state = f" [{ui('undetermined', lang)}]" if power.applies is None else ""
                out.append(f"- {_md(power.words[lang])}{state}{limits} ({_links(power.citations)})")
        if rule_set.deadlines:
            out += ["", f"### {ui('deadlines', lang)}", ""]
            for deadline in rule_set.deadlines:
                passed = f" ({ui('passed', lang)})" if deadline.passed else ""
                counted = "; ".join(_md(step[lang]) for step in deadline.counting)
                after = f"{ui('then', lang)}: {_md(deadline.after[lang])} ({_links(deadline.citations)})"
                out.append(f"- **{day(deadline.date, lang)}**{passed}: {_md(deadline.event[lang])}. {counted}. {after}")
        out += ["", "### Trace" if lang == "en" else "### Redenering", ""]
        for trace in rule_set.trace:
            out += _trace_md(trace, lang)
    if decision.missing:
        out += ["", f"## {ui('missing', lang)}", ""]
        for n, fact in enumerate(decision.missing, 1):
            norm = f"; {ui('open_norm', lang)}" if fact.open_norm != "no" else ""
            out.append(f"{n}. {_md(fact.ask[lang])} ({ui('by', lang)} {_md(', '.join(who[lang] for who in fact.by))}{norm}; `{fact.fact}`)")
    out += ["", f"*{ui('aid', lang)} {ui('rules_version', lang)} {decision.receipt.rules[:12]}.*", ""]
    return "\n".join(out)


def _outcome_md(outcome: d.OutcomeDecision, lang: str) -> list[str]:
    words = f"**{_md(outcome.words[lang])}**"
    if outcome.status == "undetermined":
        words += f"; {ui('possible', lang)}: {_md(possible_words(outcome, lang))}"
    force = f" ({ui(outcome.force, lang)})" if outcome.force else ""
    lines = [
        f"- {_md(outcome.label[lang])}: {words}{force}" + (f" — {_links(outcome.citations)}" if outcome.citations and outcome.status != "undetermined" else "")
    ]
    lines += [f"  - {_md(text[lang])}" for text in outcome.says]
    return lines


def _trace_md(trace: d.OutcomeTrace, lang: str) -> list[str]:
    live = [rule for rule in trace.rules if rule.applies is not False]
    if not live:
        return []
    lines = [f"- {_md(trace.label[lang])}: {_md(trace.words[lang])}"]
    for rule in live:
        lines.append(f"  - {truth_word(rule.applies, lang)}: {_md(rule.says[lang])} ({_links(rule.citations)})")
        lines += _steps_md(rule.conditions, lang, 2)
    return lines


def _steps_md(step: d.Step | None, lang: str, depth: int) -> list[str]:
    if step is None:
        return []
    lines = [f"{'  ' * depth}- {truth_word(step.truth, lang)}: {_md(step.words[lang])}"]
    for part in step.parts:
        lines += _steps_md(part, lang, depth + 1)
    return lines


def _links(citations: Iterable[d.Cited]) -> str:
    return " · ".join(f"[{_md(c.text)}]({c.link.replace(' ', '%20')})" if c.link else _md(c.text) for c in citations)


def _md(text: str) -> str:
    """Text made safe for Markdown (and for the HTML that Markdown lets through)."""
    for mark in ("\\", "`", "*", "_", "[", "]", "|", "#"):
        text = text.replace(mark, "\\" + mark)
    return text.replace("<", "&lt;").replace(">", "&gt;")


def to_json(value: Any) -> str:
    """Any model or plain data as indented JSON in UTF-8."""
    plain = value.model_dump(mode="json") if hasattr(value, "model_dump") else value
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


# --- the law itself ---------------------------------------------------------------------------------------------------


def facts_data(law: Law, search: str = "") -> list[dict[str, Any]]:
    """The vocabulary as plain data, filtered by a word in key, label, question or meaning."""
    wanted = search.lower()
    found = []
    for fact in law.facts.values():
        hay = " ".join((fact.key, *fact.label, *fact.ask, *fact.means, *(w for words in fact.value_labels.values() for w in words))).lower()
        if wanted and wanted not in hay:
            continue
        found.append(
            {
                "key": fact.key,
                "type": fact.type.kind,
                "unit": fact.type.unit,
                "none": fact.type.none,
                "values": {value: words._asdict() for value, words in fact.value_labels.items()},
                "label": fact.label._asdict(),
                "ask": fact.ask._asdict(),
                "means": fact.means._asdict(),
                "by": list(fact.by),
                "open_norm": fact.open_norm,
            }
        )
    return found


def facts_page(law: Law, data: Iterable[Mapping[str, Any]], lang: str = "nl", width: int = 100) -> Page:
    """The vocabulary as text, group by group."""
    page = Page(max(width, _MINIMUM))
    group = ""
    for fact in data:
        here = law.facts[fact["key"]].group
        if here != group:
            group = here
            page.blank()
            page.add((law.groups[group][0 if lang == "nl" else 1] if group in law.groups else group).upper(), style="bold")
        kind = fact["type"] + (f", {fact['unit']}" if fact["unit"] else "") + (", none" if fact["none"] else "")
        page.add(f"{fact['key']}  ({kind})", style="cyan", first="  ")
        page.add(fact["ask"][lang], first="    ")
        page.add(fact["means"][lang], first="    ", style="dim")
        top = {value: words for value, words in fact["values"].items() if "." not in value or fact["type"] != "list"}
        if top:
            page.add(" · ".join(f"{value}: {words[lang]}" for value, words in top.items()), first="    ", style="dim")
        who = ", ".join(law.establishers[by][0 if lang == "nl" else 1] for by in fact["by"])
        norm = f"; {ui('open_norm', lang)}" if fact["open_norm"] != "no" else ""
        page.add(f"{ui('by', lang)} {who}{norm}", first="    ", style="dim")
    return page


def law_data(law: Law, citation: str) -> dict[str, Any]:
    """The rules that rest on an article or judgment, with periods, words and status; and what of it is not encoded.

    Raises:
        CitationError: the work is unknown, or nothing rests on the article.
    """
    wanted = law.sources.parse(citation)

    def touches(text: str) -> bool:
        place = law.sources.parse(text)
        if place.work != wanted.work:
            return wanted.work in law.sources.judgments and law.sources.judgments.get(place.work) is law.sources.judgments[wanted.work]
        pairs = ((wanted.article, place.article), (wanted.paragraph, place.paragraph), (wanted.letter, place.letter))
        return all(w is None or w == p or (p or "").startswith(f"{w}/") for w, p in pairs)

    rules = [rule for rule in law.rules.values() if any(touches(c.text) for c in rule.cite)]
    gaps = [gap for s in law.sets.values() for gap in s.gaps if any(touches(c.text) for c in gap.cite)]
    if not rules and not gaps:
        near = sorted({c.text for rule in law.rules.values() for c in rule.cite if c.work == wanted.work})
        hint = f"; of this source these are used: {', '.join(near[:12])}{', …' if len(near) > 12 else ''}" if near else ""
        raise CitationError(f"no rule rests on {citation}{hint}")
    judgment = law.sources.judgments.get(wanted.work)
    return {
        "citation": citation,
        "title": list(judgment.summary if judgment else law.sources.works[wanted.work].title),
        "rules": [_rule_data(law, rule) for rule in sorted(rules, key=lambda r: (r.set, r.name, str(r.period[0])))],
        "not_encoded": [{"cite": [c.text for c in gap.cite], "reason": gap.reason._asdict()} for gap in gaps],
    }


def _rule_data(law: Law, rule: Rule) -> dict[str, Any]:
    speaker = Speaker(law)
    start, end = rule.period
    gives = rule.then or rule.may
    return {
        "rule": rule.id,
        "set": rule.set,
        "cite": [c.text for c in rule.cite],
        "from": start and start.isoformat(),
        "until": end and end.isoformat(),
        "says": rule.says._asdict(),
        "when": {"nl": speaker.condition(rule.condition, "nl"), "en": speaker.condition(rule.condition, "en")},
        "gives": {key: {lang: speaker.operand(node, lang, _named(key, law)) for lang in ("nl", "en")} for key, node in gives.items()},
        "labels": {key: law.outcomes[key].label._asdict() for key in gives},
        "power": bool(rule.may),
        "force": rule.force,
        "exception_to": list(rule.exception_to),
        "checked": {"status": rule.checked.status, "against": rule.checked.against, "note": rule.checked.note._asdict() if rule.checked.note else None},
        "place": str(rule.place),
    }


def _named(key: str, law: Law) -> Any:
    from .expr import Ref

    return Ref(key, law.types[key])


def law_page(data: Mapping[str, Any], lang: str = "nl", width: int = 100) -> Page:
    """`law_data` as text."""
    page = Page(max(width, _MINIMUM))
    page.add(f"{data['citation']} — {data['title'][0 if lang == 'nl' else 1]}", style="bold")
    for rule in data["rules"]:
        page.blank()
        span = f"{ui('from', lang)} {_iso(rule['from'], lang)}" if rule["from"] else ""
        span += f" {ui('until', lang)} {_iso(rule['until'], lang)}" if rule["until"] else ""
        page.add(f"{rule['says'][lang]}", cites=" · ".join(rule["cite"]), style="bold")
        page.add(f"{span.strip()} · {ui(rule['force'], lang)} · {ui('rule', lang)} {rule['rule']}", first="  ", style="dim")
        page.add(rule["when"][lang], first="  " + ("als " if lang == "nl" else "if "), rest="      ")
        for key, words in rule["gives"].items():
            page.add(f"{rule['labels'][key][lang]}: {words[lang]}", first="  → ", rest="    ")
        checked = rule["checked"]
        status = {"primary": f"{ui('checked', lang)} {checked['against']}", "secondary": ui("secondary", lang), "none": ui("unchecked", lang)}[
            checked["status"]
        ]
        page.add(status + (f". {checked['note'][lang]}" if checked["note"] else ""), first="  ", style="dim")
    for gap in data["not_encoded"]:
        page.blank()
        page.add(f"{ui('not_encoded', lang).split(' voor')[0].split(' for')[0]}: {gap['reason'][lang]}", cites=" · ".join(gap["cite"]), style="yellow")
    return page


# --- proofs -------------------------------------------------------------------------------------------------------------


def proof_data(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Proofs as plain data, each refutation with its case."""
    return [
        {"check": f.check, "set": f.set, "subject": f.subject, "verdict": f.verdict, "says": f.says, "readings": dict(f.readings)}
        | ({"case": f.case()} if f.facts else {})
        for f in findings
    ]


def write_counterexamples(findings: Iterable[Finding], folder: Path) -> dict[int, str]:
    """Write the case of each refutation to a file that `assess` takes; the names by position.

    Raises:
        InputError: the folder cannot be written.
    """
    names: dict[int, str] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for n, finding in enumerate(findings):
            if finding.facts:
                stem = re.sub(r"[^a-z0-9]+", "-", f"{finding.check} {finding.subject}".lower()).strip("-")
                names[n] = str(folder / f"{stem}-{n}.json")
                Path(names[n]).write_text(to_json(finding.case()), encoding="utf-8")
    except OSError as fault:
        raise InputError(f"--out {folder}: it cannot be written ({fault.strerror or fault}).") from None
    return names


def proof_page(law: Law, findings: Iterable[Finding], files: Mapping[int, str], lang: str = "nl", width: int = 100) -> Page:
    """Proofs as text: per rule set what was proven, then each refutation with its case."""
    page = Page(max(width, _MINIMUM))
    listed = list(findings)
    for name in dict.fromkeys(f.set for f in listed):
        page.add(law.sets[name].title[0 if lang == "nl" else 1].upper(), style="bold")
        for check in dict.fromkeys(f.check for f in listed if f.set == name):
            mine = [f for f in listed if f.set == name and f.check == check]
            counts = {verdict: sum(f.verdict == verdict for f in mine) for verdict in ("proven", "refuted", "undecided")}
            words = ", ".join(f"{n} {ui(verdict, lang)}" for verdict, n in counts.items() if n)
            page.add(f"{ui(f'check_{check}', lang)}: {words}", first="  ", style="" if counts["proven"] == len(mine) else "yellow")
        for n, finding in enumerate(listed):
            if finding.set == name and finding.verdict != "proven":
                reading = "; ".join(f"{question} {option}" for question, option in finding.readings.items())
                page.add(
                    f"{finding.subject}{f' ({reading})' if reading else ''}: {finding.says or ui('undecided', lang)}", first="  ✗ ", rest="    ", style="red"
                )
                for key, value in finding.facts.items():
                    page.add(
                        f"{key} = {show_value(value) if not isinstance(value, tuple) else ui('listed', lang).format(len(value))}", first="      ", style="dim"
                    )
                if n in files:
                    page.add(files[n], first="      ")
    return page


def _iso(text: str, lang: str) -> str:
    from datetime import date

    return day(date.fromisoformat(text), lang)
