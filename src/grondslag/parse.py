"""From the text of a condition or value to a typed tree. The grammar is a part of Python's own, parsed by the standard library; nothing is evaluated."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from . import values as v
from .calendars import Calendar
from .expr import (
    Aggregate,
    All,
    Any,
    Arith,
    AtLeast,
    Call,
    Condition,
    Const,
    Field,
    Member,
    Not,
    Operand,
    Quantifier,
    Ref,
    Table,
    Test,
    TruthOf,
)
from .values import NONE, Type


class ExpressionError(ValueError):
    """What is wrong with one expression, in one sentence."""


@dataclass(frozen=True)
class Scope:
    """What an expression may name."""

    types: Mapping[str, Type]
    tables: Mapping[str, Table] = field(default_factory=dict)
    calendar: Calendar | None = None


_ORDERS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_ARITH = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Mod: "%"}
_DURATIONS = {"days": "days", "weeks": "weeks", "months": "months", "years": "years"}
_FUNCTIONS: dict[str, tuple[tuple[str, ...], Type]] = {
    **dict.fromkeys(_DURATIONS, (("int",), v.DURATION)),
    "through": (("date", "duration"), v.DATE),
    "birthday": (("date", "int"), v.DATE),
    "full_years": (("date", "date"), Type("int", unit="years")),
    "full_months": (("date", "date"), Type("int", unit="months")),
    "next_working_day": (("date",), v.DATE),
    "add_working_days": (("date", "int"), v.DATE),
    "is_working_day": (("date",), v.BOOL),
    "working_days_between": (("date", "date"), v.DAYS),
}
_AGGREGATES = {"sum", "count", "earliest", "latest"}
_UNITLESS = {None, "number"}
T = TypeVar("T")


def parse_condition(source: object, scope: Scope) -> Condition:
    """A condition from its YAML form: text, a list (all of them), or a mapping with `all`, `any`, `not` or `at_least`/`of`.

    Raises:
        ExpressionError: the text is not in the language, or its types do not fit.
    """
    if isinstance(source, bool):
        raise ExpressionError(f"a condition is text such as `person.in_netherlands`, not {str(source).lower()}")
    if isinstance(source, str):
        return _Parser(scope).condition(_tree(source))
    if isinstance(source, list):
        return _all([parse_condition(part, scope) for part in source])
    if isinstance(source, Mapping):
        keys = set(source)
        if keys == {"all"} and isinstance(source["all"], list):
            return _all([parse_condition(part, scope) for part in source["all"]])
        if keys == {"any"} and isinstance(source["any"], list):
            parts = tuple(parse_condition(part, scope) for part in source["any"])
            return parts[0] if len(parts) == 1 else Any(parts)
        if keys == {"not"}:
            return Not(parse_condition(source["not"], scope))
        if keys == {"at_least", "of"} and isinstance(source["of"], list):
            n = source["at_least"]
            if not isinstance(n, int) or not 1 <= n <= len(source["of"]):
                raise ExpressionError(f"`at_least` takes a number from 1 to {len(source['of'])}, not {n!r}")
            return AtLeast(n, tuple(parse_condition(part, scope) for part in source["of"]))
        raise ExpressionError(f"a condition has one of the keys all, any, not, or at_least with of; found {', '.join(map(str, keys))}")
    raise ExpressionError(f"a condition is text, a list or a mapping, not {source!r}")


def _all(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def parse_value(source: object, expected: Type, scope: Scope) -> Operand:
    """The value that a rule gives an outcome of type `expected`: a constant or an expression.

    Raises:
        ExpressionError: the value does not fit the type.
    """
    if isinstance(source, bool) or source is None:
        if expected.kind != "bool" or source is None:
            raise ExpressionError(f"{str(source).lower()} is not {describe(expected)}")
        return Const(source, expected)
    if isinstance(source, (int, date)):
        return _fit(Const(source, v.INT if isinstance(source, int) else v.DATE), expected)
    if isinstance(source, list):
        if expected.kind not in ("set", "countries"):
            raise ExpressionError(f"a list is not {describe(expected)}")
        return Const(frozenset(_member(str(item), expected.element) for item in source), expected)
    if not isinstance(source, str):
        raise ExpressionError(f"{source!r} is not {describe(expected)}")
    if expected.kind in ("enum", "country", "text") and "(" not in source and (expected.kind == "text" or source in expected.values):
        return Const(source, expected)
    parser = _Parser(scope)
    tree = _tree(source)
    if expected.kind == "bool":
        return TruthOf(parser.condition(tree))
    return _fit(parser.operand(tree, expected), expected)


def describe(kind: Type) -> str:
    """A type in words, for messages."""
    if kind.kind in ("enum", "set") and kind.values:
        listed = ", ".join(kind.values[:12]) + (", …" if len(kind.values) > 12 else "")
        return f"one of {listed}" if kind.kind == "enum" else f"a set of {listed}"
    if kind.kind == "int":
        return f"a whole number of {kind.unit}" if kind.unit not in _UNITLESS else "a whole number"
    if kind.kind == "date":
        return "a date (YYYY-MM-DD)" + (" or none" if kind.none else "")
    names = {"bool": "true or false", "country": "a country code of two capitals", "countries": "a set of country codes"}
    return names.get(kind.kind, f"a {kind.kind}")


def suggest(word: str, known: list[str]) -> str:
    """` (did you mean …?)` with the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else ""


def _tree(source: str) -> ast.expr:
    try:
        return ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        raise ExpressionError(f"`{source}` is not an expression: {getattr(fault, 'msg', fault)}") from None


def _member(text: str, kind: Type) -> str:
    if kind.kind == "country":
        if len(text) == 2 and text.isascii() and text.isupper():
            return text
        raise ExpressionError(f"{text} is not a country code of two capitals")
    if text not in kind.values:
        raise ExpressionError(f"{text} is not {describe(kind)}{suggest(text, list(kind.values))}")
    return text


def _fit(operand: Operand, expected: Type) -> Operand:
    found = operand.type
    if found.kind != expected.kind:
        raise ExpressionError(f"expected {describe(expected)}, found {describe(found)}")
    _same_unit(found, expected)
    if isinstance(operand, Const) and isinstance(operand.value_, int) and not isinstance(operand.value_, bool):
        low, high = expected.minimum, expected.maximum
        if (low is not None and operand.value_ < low) or (high is not None and operand.value_ > high):
            raise ExpressionError(f"{operand.value_} lies outside {low} to {high}")
    if found.kind == "enum" and found.values and expected.values:
        extra = [value for value in found.values if value not in expected.values]
        if extra and not isinstance(operand, Const):
            raise ExpressionError(f"the value may be {extra[0]}, which is not {describe(expected)}")
    return operand


def _same_unit(left: Type, right: Type) -> None:
    if left.unit not in _UNITLESS and right.unit not in _UNITLESS and left.unit != right.unit:
        raise ExpressionError(f"{left.unit} and {right.unit} are different units")


class _Parser:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.loops: dict[str, Type] = {}

    # --- conditions

    def condition(self, node: ast.expr) -> Condition:
        match node:
            case ast.BoolOp(ast.And(), parts):
                return All(tuple(self.condition(part) for part in parts))
            case ast.BoolOp(ast.Or(), parts):
                return Any(tuple(self.condition(part) for part in parts))
            case ast.UnaryOp(ast.Not(), part):
                return Not(self.condition(part))
            case ast.Compare(left, ops, rights):
                sides = [left, *rights]
                tests = [self.comparison(a, op, b) for a, op, b in zip(sides, ops, rights, strict=False)]
                return tests[0] if len(tests) == 1 else All(tuple(tests))
            case ast.Call(ast.Name("any" | "all" as kind), [ast.GeneratorExp() as loop], []):
                name, source, where = self.loop(loop)
                return Quantifier(kind, name, source, where, self.in_loop(name, source, lambda: self.condition(loop.elt)))
            case ast.Constant(bool()):
                raise ExpressionError("`true` and `false` stand alone in no condition")
        operand = self.operand(node, v.BOOL)
        if operand.type.kind != "bool":
            raise ExpressionError(f"`{ast.unparse(node)}` is {describe(operand.type)}, not true or false; compare it with something")
        return Test(operand, "==", Const(True, v.BOOL))

    def comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Condition:
        match op:
            case ast.Eq():
                return self.equality(left, right)
            case ast.NotEq():
                return Not(self.equality(left, right))
            case ast.In():
                return self.membership(left, right)
            case ast.NotIn():
                return Not(self.membership(left, right))
        if type(op) not in _ORDERS:
            raise ExpressionError("`is` is not in the language; use == or !=")
        a, b = self.pair(left, right)
        if a.type.kind == "set" or a.type.kind == "countries":
            if not isinstance(op, ast.LtE):
                raise ExpressionError("sets are compared with == and <=")
            return Test(a, "only", b)
        if a.type.kind not in ("int", "date"):
            raise ExpressionError(f"{describe(a.type)} has no order")
        for side in (a, b):
            if isinstance(side, Const) and side.value_ is NONE:
                raise ExpressionError("none has no order; use == none or != none")
        return Test(a, _ORDERS[type(op)], b)

    def equality(self, left: ast.expr, right: ast.expr) -> Condition:
        a, b = self.pair(left, right)
        return Test(a, "==", b)

    def membership(self, left: ast.expr, right: ast.expr) -> Condition:
        if isinstance(right, (ast.List, ast.Tuple)):
            a = self.operand(left, None)
            if a.type.kind not in ("enum", "country", "text", "int"):
                raise ExpressionError(f"`in [...]` is for enums and countries, not {describe(a.type)}")
            members = frozenset(str(self.literal(item, a.type)) for item in right.elts)
            return Test(a, "in", Const(members, Type("set", a.type.values)))
        source = self.operand(right, None)
        if source.type.kind not in ("set", "countries"):
            raise ExpressionError(f"`in` needs a set or a list, not {describe(source.type)}")
        return Test(self.operand(left, source.type.element), "in", source)

    def pair(self, left: ast.expr, right: ast.expr) -> tuple[Operand, Operand]:
        """Both sides of a comparison, the one that is a bare literal typed by the other."""
        if self.is_literal(left) and not self.is_literal(right):
            b = self.operand(right, None)
            a = self.operand(left, b.type)
        else:
            a = self.operand(left, None)
            b = self.operand(right, a.type)
        if a.type.kind != b.type.kind:
            raise ExpressionError(f"{describe(a.type)} is compared with {describe(b.type)}")
        _same_unit(a.type, b.type)
        return a, b

    def is_literal(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(name):
                return name not in self.loops
            case ast.Constant() | ast.Set():
                return True
            case ast.UnaryOp(ast.USub(), ast.Constant()):
                return True
        return False

    # --- operands

    def operand(self, node: ast.expr, expected: Type | None) -> Operand:
        match node:
            case ast.Attribute(ast.Name(name), attr) if name in self.loops:
                return self.record_field(name, attr)
            case ast.Attribute(ast.Name() | ast.Attribute(ast.Name())):
                return self.reference(ast.unparse(node))
            case ast.Name(name) if name in self.loops:
                return Member(name, self.loops[name])
            case ast.Name(name) if self.scope.types.get(name, v.BOOL).kind == "list":
                return self.reference(name)
            case ast.Constant(bool() as flag):
                return Const(flag, v.BOOL)
            case ast.Constant(int() as number):
                return Const(number, v.INT)
            case ast.UnaryOp(ast.USub(), ast.Constant(int() as number)):
                return Const(-number, v.INT)
            case ast.Name() | ast.Constant(str()):
                if expected is None:
                    raise ExpressionError(f"`{ast.unparse(node)}` is no known fact or outcome, and nothing tells its type")
                value = self.literal(node, expected)
                return Const(value, expected)
            case ast.Set(items) if expected is not None and expected.kind in ("set", "countries"):
                return Const(frozenset(str(self.literal(item, expected.element)) for item in items), expected)
            case ast.Call(ast.Name("set"), [], []) if expected is not None and expected.kind in ("set", "countries"):
                return Const(frozenset(), expected)
            case ast.BinOp(left, op, right) if type(op) in _ARITH:
                return self.arith(left, _ARITH[type(op)], right)
            case ast.Call(ast.Name(name), args, []):
                return self.call(name, args)
        raise ExpressionError(f"`{ast.unparse(node)}` is not in the language")

    def reference(self, key: str) -> Ref:
        kind = self.scope.types.get(key)
        if kind is None:
            raise ExpressionError(f"unknown fact or outcome {key}{suggest(key, list(self.scope.types))}")
        return Ref(key, kind)

    def record_field(self, name: str, attr: str) -> Field:
        record = self.loops[name]
        if record.kind != "list" or attr not in record.fields:
            raise ExpressionError(f"`{name}` has no field {attr}{suggest(attr, list(record.fields))}")
        return Field(name, attr, record.fields[attr])

    def literal(self, node: ast.expr, expected: Type) -> v.Scalar:
        match node:
            case ast.Name(text) | ast.Constant(str(text)):
                pass
            case ast.Constant(int(number)) if expected.kind in ("enum", "set"):
                text = str(number)
            case _:
                raise ExpressionError(f"`{ast.unparse(node)}` is not {describe(expected)}")
        if expected.kind == "date":
            if text == "none":
                if not expected.none:
                    raise ExpressionError("this date is never none")
                return NONE
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise ExpressionError(f"`{text}` is not {describe(expected)}{suggest(text, list(self.scope.types))}") from None
        if expected.kind == "country" and text == "none" and expected.none:
            return NONE
        if expected.kind in ("enum", "country"):
            if text not in expected.values and text in self.scope.types:
                raise ExpressionError(f"{text} cannot stand here")
            return _member(text, expected)
        if expected.kind == "text":
            return text
        raise ExpressionError(f"`{text}` is not {describe(expected)}{suggest(text, list(self.scope.types))}")

    def arith(self, left: ast.expr, op: str, right: ast.expr) -> Operand:
        date_side = self.is_literal(left) and isinstance(left, ast.Constant) and isinstance(left.value, str)
        a = self.operand(left, v.DATE if date_side else None)
        b = self.operand(right, a.type if a.type.kind == "date" else v.INT)
        match a.type.kind, op, b.type.kind:
            case "date", "-", "date":
                return Arith(op, a, b, v.DAYS)
            case "date", "+" | "-", "duration":
                return Arith(op, a, b, v.DATE)
            case "duration", "+" | "-", "duration":
                return Arith(op, a, b, v.DURATION)
            case "int", _, "int":
                if op not in "+-":
                    return Arith(op, a, b, v.INT)  # what comes of it has no unit of its own
                _same_unit(a.type, b.type)
                unit = a.type.unit if a.type.unit not in _UNITLESS else b.type.unit
                return Arith(op, a, b, Type("int", unit=unit))
        raise ExpressionError(f"{describe(a.type)} {op} {describe(b.type)} has no meaning")

    def call(self, name: str, args: list[ast.expr]) -> Operand:
        if name in _AGGREGATES and len(args) == 1 and isinstance(args[0], ast.GeneratorExp):
            return self.aggregate(name, args[0])
        if name in ("earliest", "latest") and len(args) > 1:
            return Call(name, tuple(_fit(self.operand(arg, v.DATE), v.DATE) for arg in args), v.DATE)
        if name == "count" and len(args) == 1:
            members = self.operand(args[0], None)
            if members.type.kind not in ("set", "countries", "list"):
                raise ExpressionError(f"count takes a set or a list, not {describe(members.type)}")
            return Call(name, (members,), v.INT)
        if name == "listed" and len(args) == 3 and isinstance(args[0], ast.Name):
            table = self.scope.tables.get(args[0].id)
            if table is None:
                raise ExpressionError(f"unknown table {args[0].id}{suggest(args[0].id, list(self.scope.tables))}")
            value = self.operand(args[1], Type("text"))
            on = _fit(self.operand(args[2], v.DATE), v.DATE)
            return Call(name, (value, on), v.BOOL, table=table)
        if name not in _FUNCTIONS:
            raise ExpressionError(f"unknown function {name}{suggest(name, [*_FUNCTIONS, *_AGGREGATES, 'listed', 'any', 'all'])}")
        kinds, result = _FUNCTIONS[name]
        if len(args) != len(kinds):
            raise ExpressionError(f"{name} takes {len(kinds)} operand(s), found {len(args)}")
        bound = tuple(self.argument(name, arg, kind) for arg, kind in zip(args, kinds, strict=True))
        return Call(name, bound, result, calendar=self.scope.calendar)

    def argument(self, function: str, node: ast.expr, kind: str) -> Operand:
        operand = self.operand(node, {"date": v.DATE, "int": v.INT, "duration": v.DURATION}[kind])
        if operand.type.kind != kind:
            raise ExpressionError(f"{function} takes {describe(Type(kind))} there, found {describe(operand.type)}")
        unit = operand.type.unit
        if function in _DURATIONS and unit not in _UNITLESS and unit != _DURATIONS[function]:
            raise ExpressionError(f"{function}(...) of a number of {unit}")
        return operand

    def aggregate(self, kind: str, loop: ast.GeneratorExp) -> Operand:
        name, source, where = self.loop(loop)
        if kind == "count":
            return Aggregate(kind, name, source, where, None, v.INT)
        term = self.in_loop(name, source, lambda: self.operand(loop.elt, None))
        wanted = "int" if kind == "sum" else "date"
        if term.type.kind != wanted:
            raise ExpressionError(f"{kind} takes {describe(Type(wanted))}, found {describe(term.type)}")
        return Aggregate(kind, name, source, where, term, term.type if kind == "sum" else v.DATE)

    def loop(self, node: ast.GeneratorExp) -> tuple[str, Operand, Condition | None]:
        if len(node.generators) != 1 or not isinstance(node.generators[0].target, ast.Name):
            raise ExpressionError("a loop is `… for x in list`, with one `for`")
        generator = node.generators[0]
        assert isinstance(generator.target, ast.Name)
        name = generator.target.id
        source = self.operand(generator.iter, None)
        if source.type.kind not in ("set", "countries", "list"):
            raise ExpressionError(f"`for {name} in …` needs a list or a set, not {describe(source.type)}")
        where: Condition | None = None
        if generator.ifs:
            where = self.in_loop(name, source, lambda: _all([self.condition(part) for part in generator.ifs]))
        return name, source, where

    def in_loop(self, name: str, source: Operand, parse: Callable[[], T]) -> T:
        if name in self.loops:
            raise ExpressionError(f"the loop variable {name} is used twice")
        self.loops[name] = source.type if source.type.kind == "list" else source.type.element
        try:
            return parse()
        finally:
            del self.loops[name]
