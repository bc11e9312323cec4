"""Words for what the engine shows: values, conditions and their results, in Dutch and English. The law's own words come from `rules/`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from .expr import (
    Aggregate,
    All,
    Any,
    Arith,
    AtLeast,
    Call,
    Condition,
    Const,
    Env,
    Field,
    InForce,
    Member,
    Not,
    Operand,
    Quantifier,
    Reading,
    Ref,
    Test,
    TruthOf,
)
from .model import Law, Words
from .values import NONE, NOT_CODED, UNKNOWN, Duration, Type, Value

LANGUAGES = ("nl", "en")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS: dict[str, tuple[Words, Words]] = {
    "days": (Words("dag", "day"), Words("dagen", "days")),
    "weeks": (Words("week", "week"), Words("weken", "weeks")),
    "months": (Words("maand", "month"), Words("maanden", "months")),
    "years": (Words("jaar", "year"), Words("jaar", "years")),
    "persons": (Words("persoon", "person"), Words("personen", "persons")),
    "times": (Words("keer", "time"), Words("keer", "times")),
    "euro": (Words("euro", "euro"), Words("euro", "euro")),
    "per_mille": (Words("promille", "per mille"), Words("promille", "per mille")),
}
_WEEKDAYS = (
    Words("maandag", "Monday"),
    Words("dinsdag", "Tuesday"),
    Words("woensdag", "Wednesday"),
    Words("donderdag", "Thursday"),
    Words("vrijdag", "Friday"),
    Words("zaterdag", "Saturday"),
    Words("zondag", "Sunday"),
)
_AGGREGATES = {
    "sum": Words("som over", "sum over"),
    "count": Words("aantal in", "number in"),
    "earliest": Words("eerste in", "first in"),
    "latest": Words("laatste in", "last in"),
}
_SPANS = {
    "working_days_between": Words("werkdagen", "working days"),
    "full_months": Words("hele maanden", "whole months"),
    "full_years": Words("hele jaren", "whole years"),
}
_OPS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_NEGATED = {"<": "≥", "<=": ">", ">": "≤", ">=": "<"}


def both(make: Callable[[str], str]) -> Words:
    """The same text made in both languages."""
    return Words(make("nl"), make("en"))


def pick(words: Words | tuple[str, str], lang: str) -> str:
    """The text in one language."""
    return words[0] if lang == "nl" else words[1]


def day(value: date, lang: str) -> str:
    """A date: 29-01-2019 in Dutch, 29 Jan 2019 in English."""
    if lang == "nl":
        return value.strftime("%d-%m-%Y")
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def weekday(value: date, lang: str) -> str:
    """The name of the day of the week."""
    return pick(_WEEKDAYS[value.weekday()], lang)


def number(value: int, unit: str | None, lang: str) -> str:
    """A number with its unit."""
    if unit is None or unit not in _UNITS:
        return str(value)
    return f"{value} {pick(_UNITS[unit][abs(value) != 1], lang)}"


class Speaker:
    """Texts about the facts, outcomes and conditions of one law."""

    def __init__(self, law: Law) -> None:
        self.law = law

    # --- values

    def label(self, key: str, lang: str) -> str:
        """The name of a fact or outcome."""
        return pick(self.law.concept(key).label, lang)

    def value(self, key: str, value: Value, lang: str) -> str:
        """A value of a fact or outcome."""
        labels = self.law.concept(key).value_labels
        return self._value(value, self.law.types[key], lang, lambda member: pick(labels[member], lang) if member in labels else member)

    def _value(self, value: Value, kind: Type, lang: str, member: Callable[[str], str]) -> str:
        if value is UNKNOWN:
            return pick(Words("onbekend", "unknown"), lang)
        if value is NONE:
            return pick(Words("geen", "none"), lang)
        if value is NOT_CODED:
            return pick(Words("niet uitgewerkt", "not encoded"), lang)
        if isinstance(value, bool):
            return pick(Words("ja", "yes") if value else Words("nee", "no"), lang)
        if isinstance(value, date):
            return day(value, lang)
        if isinstance(value, int):
            return number(value, kind.unit, lang)
        if isinstance(value, frozenset):
            return ", ".join(member(item) for item in sorted(value)) or pick(Words("geen", "none"), lang)
        if isinstance(value, tuple):
            return pick(Words("{} vermeld", "{} listed"), lang).format(len(value))
        if isinstance(value, Duration):
            years, months = (0, value.months)
            parts = [number(years, "years", lang)] if years else []
            parts += [number(months, "months", lang)] if months else []
            if value.days and value.days % 7 == 0 and abs(value.days) >= 7:
                parts.append(number(value.days // 7, "weeks", lang))
            elif value.days or not parts:
                parts.append(number(value.days, "days", lang))
            return " + ".join(parts)
        return member(value)

    def fill(self, words: Words, env: Env) -> Words:
        """A sentence with each `{key}` replaced by the value of that fact."""

        def filled(lang: str) -> str:
            text = pick(words, lang)
            for piece in text.split("{")[1:]:
                key = piece.split("}")[0]
                if key in self.law.types:
                    text = text.replace("{" + key + "}", self.value(key, env.get(key), lang))
            return text

        return both(filled)

    # --- operands

    def operand(self, node: Operand, lang: str, beside: Operand | None = None) -> str:
        """An operand in words; `beside` is the other side of a comparison, which gives a bare value its label."""
        match node:
            case Ref(key):
                return self.label(key, lang)
            case Const(value, kind):
                source = beside
                if isinstance(source, Ref):
                    return self.value(source.key, value, lang) if not isinstance(value, frozenset) else self._members(value, source.key, lang)
                if isinstance(value, int) and not isinstance(value, bool) and source is not None:
                    return number(value, source.type.unit, lang)
                return self._value(value, kind, lang, str)
            case Field(_, name):
                return name.replace("_", " ")
            case Member():
                return pick(Words("een daarvan", "one of them"), lang)
            case Arith(op, left, right):
                mark = {"-": "−", "*": "×", "//": "÷", "%": "mod"}.get(op, op)
                return f"{self.operand(left, lang)} {mark} {self.operand(right, lang, left)}"
            case Aggregate(kind, _, source):
                return f"{pick(_AGGREGATES[kind], lang)} {self.operand(source, lang)}"
            case TruthOf(condition):
                return self.condition(condition, lang)
            case Call():
                return self._call(node, lang)
        raise AssertionError(node)

    def _members(self, value: frozenset[str], key: str, lang: str) -> str:
        labels = self.law.concept(key).value_labels
        return ", ".join(pick(labels[item], lang) if item in labels else item for item in sorted(value))

    def _call(self, node: Call, lang: str) -> str:
        args = [self.operand(arg, lang) for arg in node.args]
        match node.name:
            case "days" | "weeks" | "months" | "years" as unit:
                arg = node.args[0]
                if isinstance(arg, Const) and isinstance(arg.value_, int):
                    return number(arg.value_, unit, lang)
                return args[0]
            case "through":
                return pick(Words("{0} + {1}, eerste dag meegeteld", "{0} + {1}, first day counted"), lang).format(*args)
            case "next_working_day":
                return pick(Words("eerste werkdag vanaf {0}", "first working day from {0}"), lang).format(*args)
            case "add_working_days":
                return pick(Words("{0} + {1} werkdagen", "{0} + {1} working days"), lang).format(*args)
            case "birthday":
                return pick(Words("{1}e verjaardag van wie geboren is op {0}", "birthday {1} of who was born on {0}"), lang).format(*args)
            case "is_working_day":
                return pick(Words("{0} is een werkdag", "{0} is a working day"), lang).format(*args)
            case "working_days_between" | "full_months" | "full_years":
                return pick(Words("{2} van {0} tot {1}", "{2} from {0} to {1}"), lang).format(*args, pick(_SPANS[node.name], lang))
            case "earliest" | "latest":
                which = Words("vroegste van", "earliest of") if node.name == "earliest" else Words("laatste van", "latest of")
                return f"{pick(which, lang)} {', '.join(args)}"
            case "listed":
                assert node.table is not None
                return pick(Words("{0} staat op de lijst: {1}", "{0} is on the list: {1}"), lang).format(args[0], pick(node.table.title, lang))
            case "count":
                return pick(Words("aantal: {0}", "number: {0}"), lang).format(*args)
        raise AssertionError(node.name)

    # --- conditions

    def condition(self, node: Condition, lang: str) -> str:
        """A condition in words, without its result."""
        match node:
            case Test():
                return self._required(node, lang, positive=True)
            case Not(Test() as test):
                return self._required(test, lang, positive=False)
            case Not(part):
                return f"{pick(Words('niet', 'not'), lang)} ({self.condition(part, lang)})"
            case All(parts):
                return pick(Words(" en ", " and "), lang).join(self._inner(part, lang) for part in parts)
            case Any(parts):
                return pick(Words(" of ", " or "), lang).join(self._inner(part, lang) for part in parts)
            case AtLeast(n, parts):
                count = pick(Words("ten minste {0} van", "at least {0} of"), lang).format(n)
                return f"{count}: " + "; ".join(self.condition(part, lang) for part in parts)
            case Quantifier(kind, _, source, where, inner):
                head = Words("ten minste één in {0}", "at least one in {0}") if kind == "any" else Words("elke in {0}", "every one in {0}")
                some = pick(head, lang).format(self.operand(source, lang))
                conditions = [self.condition(part, lang) for part in (where, inner) if part is not None]
                return f"{some}: {pick(Words(' en ', ' and '), lang).join(conditions)}"
            case InForce(by, start, end):
                return self._period(by, start, end, lang)
            case Reading(question, option):
                return f"{pick(Words('lezing', 'reading'), lang)} {option}: {pick(self.law.questions[question].options[option], lang)}"
        raise AssertionError(node)

    def _inner(self, node: Condition, lang: str) -> str:
        text = self.condition(node, lang)
        return f"({text})" if isinstance(node, (All, Any)) and len(node.parts) > 1 else text

    def _period(self, by: Ref, start: date | None, end: date | None, lang: str) -> str:
        if start is None:
            span = pick(Words("tot en met {1}", "up to and including {1}"), lang)
        elif end is None:
            span = pick(Words("vanaf {0}", "from {0}"), lang)
        else:
            span = pick(Words("van {0} tot en met {1}", "from {0} up to and including {1}"), lang)
        text = span.format(start and day(start, lang), end and day(end, lang))
        return pick(Words("versie {0} ({1})", "version {0} ({1})"), lang).format(text, self.label(by.key, lang))

    def _required(self, test: Test, lang: str, *, positive: bool) -> str:
        left, op, right = test.left, test.op, test.right
        if op in _OPS:
            if isinstance(left, Const):
                left, op, right = right, {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op], left
            mark = _OPS[op] if positive else _NEGATED[op]
            return f"{self.operand(left, lang)} {mark} {self.operand(right, lang, left)}"
        if op == "==" and isinstance(right, Const) and right.type.kind == "bool":
            wanted = (right.value_ is True) == positive
            return f"{self.operand(left, lang)}: {pick(Words('ja', 'yes') if wanted else Words('nee', 'no'), lang)}"
        if op == "in" and not isinstance(right, Const):
            sign = Words("omvat {0}", "includes {0}") if positive else Words("omvat niet {0}", "does not include {0}")
            return f"{self.operand(right, lang)} {pick(sign, lang).format(self.operand(left, lang, right))}"
        if op == "in":
            one = len(right.value_) == 1 if isinstance(right, Const) and isinstance(right.value_, frozenset) else False
            sign = Words("is", "is") if one else Words("is een van", "is one of")
            if not positive:
                sign = Words("is niet", "is not") if one else Words("is geen van", "is none of")
        elif op == "only":
            sign = Words("omvat alleen", "includes only") if positive else Words("omvat meer dan", "includes more than")
        else:
            sign = Words("is", "is") if positive else Words("is niet", "is not")
        return f"{self.operand(left, lang)} {pick(sign, lang)} {self.operand(right, lang, left)}"

    def found(self, node: Condition, env: Env, lang: str) -> str:
        """A single comparison with what was found: the value, then what was required."""
        test, positive = (node.part, False) if isinstance(node, Not) else (node, True)
        if not isinstance(test, Test):
            return self.condition(node, lang)
        left, right = test.left, test.right
        if isinstance(left, Const) and not isinstance(right, Const):
            left = right
        if test.op == "==" and isinstance(right, Const) and right.type.kind == "bool" and isinstance(test.left, (Ref, Call)):
            return f"{self.operand(test.left, lang)}: {self._found_value(test.left, env, lang)}"
        if isinstance(left, (Field, Member, Const)):
            return self.condition(node, lang)
        required = self._required(test, lang, positive=positive)
        name = self.operand(left, lang)
        if required.startswith(name):
            required = required[len(name) :].strip()
        bound = ""
        if not isinstance(right, Const) and not isinstance(test.left, Const) and test.op in _OPS:
            bound = f" [{self._found_value(right, env, lang)}]"
        return f"{name}: {self._found_value(left, env, lang)} ({required}{bound})"

    def _found_value(self, node: Operand, env: Env, lang: str) -> str:
        value = node.value(env)
        if isinstance(node, Ref):
            return self.value(node.key, value, lang)
        return self._value(value, node.type, lang, str)

    # --- how a date was counted

    def counting(self, node: Operand, env: Env, lang: str, opened: Callable[[str], Operand | None]) -> list[str]:
        """The steps by which a date came about, innermost first. `opened` gives the operand from which an outcome came."""
        match node:
            case Ref(key):
                inner = opened(key)
                return [] if inner is None else self.counting(inner, env, lang, opened)
            case Arith(op, left, right) if node.type.kind == "date":
                steps = self.counting(left, env, lang, opened)
                start, end = left.value(env), node.value(env)
                if isinstance(start, date) and isinstance(end, date):
                    length = self._value(right.value(env), right.type, lang, str)
                    name = f"{self.operand(left, lang)} " if isinstance(left, Ref) else ""
                    sign = "+" if op == "+" else "−"
                    steps.append(f"{name}{day(start, lang)} {sign} {length} = {weekday(end, lang)} {day(end, lang)}")
                return steps
            case Call(name, (inner, *_)) if name in ("next_working_day", "through", "add_working_days"):
                steps = self.counting(inner, env, lang, opened)
                start, end = inner.value(env), node.value(env)
                if isinstance(start, date) and isinstance(end, date):
                    steps.append(self._counted(node, start, end, env, lang))
                return steps
            case Call("earliest" | "latest", args):
                return [step for arg in args for step in self.counting(arg, env, lang, opened)]
        return []

    def _counted(self, node: Call, start: date, end: date, env: Env, lang: str) -> str:
        if node.name == "next_working_day":
            if start == end:
                return pick(Words("{0} {1} is een werkdag: geen verlenging", "{0} {1} is a working day: not moved"), lang).format(
                    weekday(start, lang), day(start, lang)
                )
            assert node.calendar is not None
            holiday = node.calendar.holiday_name(start)
            why = weekday(start, lang) if start.weekday() >= 5 else holiday or ""
            text = Words("{0} ({1}) is geen werkdag: verlengd tot {2} {3}", "{0} ({1}) is no working day: moved to {2} {3}")
            return pick(text, lang).format(day(start, lang), why, weekday(end, lang), day(end, lang))
        count = node.args[1].value(env)
        length = str(count) if node.name == "add_working_days" else self._value(count, node.args[1].type, lang, str)
        text = Words("{0} + {1}, eerste dag meegeteld = {2}", "{0} + {1}, first day counted = {2}")
        if node.name == "add_working_days":
            text = Words("{0} + {1} werkdagen = {2}", "{0} + {1} working days = {2}")
        return pick(text, lang).format(day(start, lang), length, day(end, lang))
