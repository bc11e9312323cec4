"""From `rules/` to a checked `Law`. Everything that can be wrong without a case is found here, all faults at once, each with file, line and rule."""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from . import values as v
from .calendars import Calendar
from .errors import RuleError
from .expr import ALWAYS, All, Condition, Const, InForce, Operand, Reading, Ref, Table, refs
from .model import Checked, Constraint, Deadline, Fact, Gap, Invariant, Law, Outcome, Place, Provision, Question, Rule, RuleSet, Words
from .parse import ExpressionError, Scope, parse_condition, parse_value, suggest
from .sources import Citation, CitationError, Judgment, Sources, Work
from .values import NONE, NOT_CODED, Type, Value
from .yamlread import Map, ReadError, Seq, parse_yaml

_FILE_LIMIT = 4_000_000
_SHOWN = 60
_UNITS = ("days", "weeks", "months", "years", "persons", "times", "euro", "per_mille", "number")
_FORCES = ("bound", "policy", "discretionary")
_STATUSES = ("primary", "secondary", "none")
_RULE_FIELDS = {
    "id", "cite", "in_force", "when", "then", "may", "force", "exception_to", "group", "reading", "checked", "chapter", "says", "limits", "not_encoded",
}  # fmt: skip
_OUTCOME_FIELDS = {
    "type", "values", "unit", "min", "max", "fields", "none", "label", "headline", "internal", "statable", "default", "deadline", "means", "partial",
}  # fmt: skip
_FACT_FIELDS = {"type", "values", "unit", "min", "max", "fields", "none", "label", "ask", "means", "by", "open_norm"}
_SET_FIELDS = {
    "id", "title", "chapter", "encoded", "version_by", "applies_when", "outcomes", "rules", "readings", "not_encoded", "provisions", "after", "invariants",
}  # fmt: skip
_REFERENCE_DATE = "case.reference_date"
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def rules_folder() -> Path:
    """The folder named by `GRONDSLAG_RULES`, else the rules that came with the package, else those of the checkout it runs from."""
    named = os.environ.get("GRONDSLAG_RULES")
    if named:
        return Path(named)
    shipped = Path(__file__).parent / "_rules"
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "rules"


def load_rules(folder: str | os.PathLike[str] | None = None) -> Law:
    """The checked law of a folder (default: the rules of the package). Loaded once for each content, and cached on disk between processes.

    Raises:
        RuleError: the folder is missing or the rules have faults.
    """
    path = Path(folder) if folder is not None else rules_folder()
    if not path.is_dir():
        raise RuleError(f"{path}: there is no such folder of rules.")
    files = {file.relative_to(path).as_posix(): file.read_bytes() for file in sorted(path.rglob("*.yaml"))}
    if not files:
        raise RuleError(f"{path}: there are no rules (*.yaml) in this folder.")
    return _load(tuple(files.items()))


@lru_cache(maxsize=8)
def _load(files: tuple[tuple[str, bytes], ...]) -> Law:
    digest = hashlib.sha256()
    for name, data in files:
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    key = digest.hexdigest()
    law: Law = _cached("law", key, lambda: _Loader(dict(files), key).law())
    return law


def _cached(kind: str, key: str, build: Callable[[], Any]) -> Any:
    """`build()`, kept in the user's own cache folder under a hash of its input and of this code."""
    folder = user_cache_path("grondslag") / f"{_code_hash()}-{sys.version_info[0]}{sys.version_info[1]}"
    file = folder / f"{kind}-{key[:32]}.pickle"
    with suppress(Exception):  # a cache that cannot be read is no cache
        return pickle.loads(file.read_bytes())
    made = build()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as temporary:
            temporary.write(pickle.dumps(made))
        Path(temporary.name).replace(file)
    return made


@lru_cache(maxsize=1)
def _code_hash() -> str:
    """A hash of the modules that make a `Law`, so that a new version never reads an old cache."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for name in ("calendars", "expr", "load", "model", "parse", "sources", "values", "yamlread"):
        digest.update((here / f"{name}.py").read_bytes())
    return digest.hexdigest()[:16]


def _parse(data: bytes) -> Any:
    return parse_yaml(data.decode("utf-8-sig"))


class _Loader:
    def __init__(self, files: Mapping[str, bytes], digest: str) -> None:
        self.files = files
        self.digest = digest
        self.problems: list[str] = []
        self.types: dict[str, Type] = {}
        self.facts: dict[str, Fact] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.rules: dict[str, Rule] = {}
        self.questions: dict[str, Question] = {}
        self.establishers: dict[str, Words] = {}
        self.groups: dict[str, Words] = {}
        self.tables: dict[str, Table] = {}
        self.calendar: Calendar | None = None
        self.sources = Sources({})

    # --- the whole

    def law(self) -> Law:
        trees = self.read()
        self.read_sources(trees)
        self.read_tables(trees)
        self.read_facts(trees)
        folders: dict[str, dict[str, Map]] = {}
        for name, tree in trees.items():
            top = name.split("/")[0]
            if "/" in name and top not in ("sources", "tables", "facts"):
                folders.setdefault(top, {})[name] = tree
        headers = {folder: self.read_header(folder, files) for folder, files in folders.items()}
        for folder, files in folders.items():
            self.read_outcomes(folder, files)
        scope = Scope(self.types, self.tables, self.calendar)
        sets: dict[str, RuleSet] = {}
        asked: dict[str, list[str]] = {}
        for folder, files in folders.items():
            listed = [(file, name, spec) for file, tree in files.items() for name, spec in (tree.get("readings") or {}).items()]
            asked[folder] = [self.read_question(folder, *question) for question in listed]
        for folder, files in folders.items():
            sets[folder] = self.read_set(folder, files, headers[folder], asked[folder], scope)
        constraints = self.read_constraints(trees, scope)
        self.stop()
        self.provisions(folders, sets)
        exceptions = self.exceptions()
        givers: dict[str, list[str]] = {key: [] for key in self.outcomes}
        for rule in self.rules.values():
            for key in rule.then:
                givers[key].append(rule.id)
        self.stop()
        order, levels = self.ordered(givers, exceptions)
        self.stop()
        ranked = self.ranked(sets, headers)
        self.stop()
        return Law(
            facts=self.facts,
            outcomes=self.outcomes,
            rules=self.rules,
            sets={s.id: s for s in ranked},
            questions=self.questions,
            constraints=tuple(constraints),
            establishers=self.establishers,
            groups=self.groups,
            tables=self.tables,
            calendar=self.calendar,
            sources=self.sources,
            exceptions={rule: tuple(sorted(found)) for rule, found in exceptions.items()},
            givers={key: tuple(found) for key, found in givers.items()},
            order=tuple(order),
            levels=levels,
            digest=self.digest,
            types=self.types,
        )

    def ranked(self, sets: Mapping[str, RuleSet], headers: Mapping[str, Map]) -> list[RuleSet]:
        """The rule sets in the order in which they are shown: each behind those that it reads and those that it names in `after`."""
        reads: dict[str, set[str]] = {name: {str(other) for other in headers[name].get("after") or ()} for name in sets}
        for name, others in reads.items():
            for other in sorted(others - set(sets)):
                self.fail(headers[name]["file"], headers[name].lines["after"], f"rule set {name}: `after` names {other}, which is no rule set")
        for rule in self.rules.values():
            keys = [*refs(rule.condition), *(ref for node in (rule.then or rule.may).values() for ref in refs(node))]
            reads[rule.set] |= {self.outcomes[key].set for key in keys if key in self.outcomes}
        left, ranked = {name for name, found in sets.items() if not found.derived}, [found for found in sets.values() if found.derived]
        while left:
            free = [name for name in left if not (reads[name] & left) - {name}]
            name = min(free or left)
            ranked.append(sets[name])
            left.remove(name)
        return ranked

    def stop(self) -> None:
        if self.problems:
            extra = len(self.problems) - _SHOWN
            shown = self.problems[:_SHOWN] + ([f"… and {extra} more faults."] if extra > 0 else [])
            raise RuleError(*shown)

    def fail(self, file: str, line: int, message: str) -> None:
        self.problems.append(f"{file}:{line}: {message}.")

    def read(self) -> dict[str, Map]:
        trees: dict[str, Map] = {}
        for name, data in self.files.items():
            try:
                if len(data) > _FILE_LIMIT:
                    raise ReadError(f"it is larger than {_FILE_LIMIT // 1_000_000} MB")
                tree = _cached("yaml", hashlib.sha256(data).hexdigest(), partial(_parse, data))
            except UnicodeDecodeError:
                self.fail(name, 1, "it is not text in UTF-8")
                continue
            except ReadError as fault:
                self.fail(name, fault.line or 1, str(fault))
                continue
            if not isinstance(tree, Map):
                self.fail(name, 1, "the file has to be a mapping of names to values")
                continue
            trees[name] = tree
        self.stop()
        return trees

    # --- small parts

    def words(self, file: str, owner: Map, key: str, what: str) -> Words:
        found = owner.get(key)
        line = owner.lines.get(key, owner.line)
        if not isinstance(found, Map) or not {"nl", "en"} <= set(found):
            self.fail(file, line, f"{what}: `{key}` needs words in both languages, {{nl: …, en: …}}")
            return Words("", "")
        texts = []
        for language in ("nl", "en"):
            text = found[language]
            if not isinstance(text, str) or not text.strip():
                self.fail(file, found.lines.get(language, line), f"{what}: `{key}` has no words in {language}")
            texts.append(" ".join(str(text).split()))
        for extra in set(found) - {"nl", "en"}:
            self.fail(file, found.lines.get(extra, line), f"{what}: `{key}` has the unknown language {extra}")
        return Words(*texts)

    def unknown_fields(self, file: str, owner: Map, allowed: set[str], what: str) -> None:
        for key in owner:
            if key not in allowed:
                self.fail(file, owner.lines.get(key, owner.line), f"{what}: unknown field {key}{suggest(key, sorted(allowed))}")

    def period(self, file: str, owner: Map, what: str) -> tuple[date | None, date | None]:
        ends: list[date | None] = []
        for key in ("from", "until"):
            day = owner.get(key)
            if day is not None and not isinstance(day, date):
                self.fail(file, owner.lines.get(key, owner.line), f"{what}: `{key}` is a date (YYYY-MM-DD), not {day!r}")
                day = None
            ends.append(day)
        start, end = ends
        if start is not None and end is not None and end < start:
            self.fail(file, owner.line, f"{what}: the period ends on {end} before it begins on {start}")
        return start, end

    def citations(self, file: str, owner: Map, what: str) -> tuple[Citation, ...]:
        found = owner.get("cite")
        line = owner.lines.get("cite", owner.line)
        if isinstance(found, str):
            found = [found]
        if not isinstance(found, list) or not found:
            self.fail(file, line, f"{what}: a citation is missing; give `cite: [work article]`")
            return ()
        citations = []
        for text in found:
            try:
                citations.append(self.sources.parse(str(text)))
            except CitationError as fault:
                self.fail(file, line, f"{what}: {fault}")
        return tuple(citations)

    def type_of(self, file: str, spec: Map, what: str) -> tuple[Type, dict[str, Words]]:
        kind = spec.get("type")
        line = spec.lines.get("type", spec.line)
        known = sorted(v.KINDS - {"duration"})
        if kind not in known:
            self.fail(file, line, f"{what}: the type {kind} is not one of {', '.join(known)}{suggest(str(kind), known)}")
            return Type("text"), {}
        labels: dict[str, Words] = {}
        if kind in ("enum", "set"):
            values = spec.get("values")
            if not isinstance(values, Map) or not values:
                self.fail(file, line, f"{what}: an {kind} needs `values`, each with words in both languages")
            else:
                labels = {value: self.words(file, values, value, what) for value in values}
        unit = spec.get("unit")
        if kind == "int" and unit not in _UNITS:
            self.fail(file, line, f"{what}: a whole number needs `unit`, one of {', '.join(_UNITS)}")
        fields: dict[str, Type] = {}
        if kind == "list":
            listed = spec.get("fields")
            if not isinstance(listed, Map) or not listed:
                self.fail(file, line, f"{what}: a list needs `fields`")
            else:
                for name, inner in listed.items():
                    if isinstance(inner, Map):
                        fields[name], inner_labels = self.type_of(file, inner, f"{what}, field {name}")
                        labels.update({f"{name}.{value}": words for value, words in inner_labels.items()})
                        if "label" in inner:
                            labels[name] = self.words(file, inner, "label", f"{what}, field {name}")
                    else:
                        self.fail(file, line, f"{what}: the field {name} needs a mapping with `type`")
        bounds = [spec.get("min"), spec.get("max")]
        if any(bound is not None and (not isinstance(bound, int) or isinstance(bound, bool)) for bound in bounds):
            self.fail(file, line, f"{what}: `min` and `max` are whole numbers")
            bounds = [None, None]
        values_tuple = tuple(value for value in labels if "." not in value or kind != "list") if kind in ("enum", "set") else ()
        return Type(kind, values_tuple, unit if kind == "int" else None, bool(spec.get("none")), bounds[0], bounds[1], fields), labels

    # --- sources, tables, facts

    def read_sources(self, trees: Mapping[str, Map]) -> None:
        works: dict[str, Work] = {}
        judgments: dict[str, Judgment] = {}
        links: dict[str, str] = {}
        for file, tree in trees.items():
            if not file.startswith("sources/"):
                continue
            links.update({str(k): str(p) for k, p in (tree.get("links") or {}).items()})
            for key, spec in (tree.get("works") or {}).items():
                works[key] = self.read_work(file, key, spec, tree["works"])
        for file, tree in trees.items():
            if file.startswith("sources/"):
                for spec in tree.get("judgments") or []:
                    self.read_judgment(file, spec, links, judgments)
        self.sources = Sources(works, judgments)

    def read_work(self, file: str, key: str, spec: Map, siblings: Map) -> Work:
        if "same_as" in spec:
            spec = siblings.get(str(spec["same_as"]), spec)
        checked = spec.get("checked", "none")
        return Work(
            key, self.words(file, spec, "title", f"work {key}"), str(spec.get("kind")), spec.get("id"), spec.get("link"), spec.get("jci"),
            str(checked.get("status") if isinstance(checked, Map) else checked), dict(spec.get("ids") or {}),
        )  # fmt: skip

    def read_judgment(self, file: str, spec: Map, links: Mapping[str, str], judgments: dict[str, Judgment]) -> None:
        ecli = spec.get("ecli")
        aliases = tuple(str(alias) for alias in spec.get("aliases") or ())
        name = ecli or (aliases[0] if aliases else None)
        if name is None:
            self.fail(file, spec.line, "a judgment needs an ECLI or an alias")
            return
        pattern = links.get(str(ecli).split(":")[1]) if ecli else None
        judgment = Judgment(
            ecli,
            str(spec.get("court", "")),
            spec.get("date") if isinstance(spec.get("date"), date) else None,
            self.words(file, spec, "summary", f"judgment {name}"),
            spec.get("name"),
            aliases,
            str(spec.get("checked", "none")),
            pattern.replace("{ecli}", str(ecli)) if pattern else spec.get("link"),
        )
        for key in filter(None, (ecli, *aliases)):
            if judgments.setdefault(key, judgment) is not judgment:
                self.fail(file, spec.line, f"the judgment {key} stands twice")

    def read_tables(self, trees: Mapping[str, Map]) -> None:
        for file, tree in trees.items():
            if not file.startswith("tables/"):
                continue
            for spec in tree["tables"] if isinstance(tree.get("tables"), list) else [tree]:
                key = str(spec.get("id"))
                title = self.words(file, spec, "title", f"table {key}") if "title" in spec else Words(key, key)
                if "holidays" in spec:
                    names = tuple(str(name) for name in spec["holidays"])
                    categories = tuple(str(c) for c in spec.get("categories") or ("public",))
                    self.calendar = Calendar(key, str(spec.get("country")), names, categories, frozenset(spec.get("extra_days") or ()), (title.nl, title.en))
                    continue
                entries = []
                for entry in spec.get("entries") or []:
                    start, end = self.period(file, entry, f"table {key}")
                    entries.append((str(entry.get("value")), start, end))
                self.tables[key] = Table(key, (title.nl, title.en), tuple(entries))

    def read_facts(self, trees: Mapping[str, Map]) -> None:
        for file, tree in trees.items():
            if file.startswith("facts/"):
                for key in tree.get("establishers") or {}:
                    self.establishers[key] = self.words(file, tree["establishers"], key, f"establisher {key}")
        for file, tree in trees.items():
            if not file.startswith("facts/") or "facts" not in tree:
                continue
            group = str(tree.get("group", ""))
            if "title" in tree:
                self.groups[group] = self.words(file, tree, "title", f"group {group}")
            if not isinstance(tree["facts"], Map):
                self.fail(file, tree.line, "`facts` is a mapping from keys to facts")
                continue
            for key, spec in tree["facts"].items():
                self.read_fact(file, group, key, spec)

    def read_fact(self, file: str, group: str, key: str, spec: Any) -> None:
        what = f"fact {key}"
        if not isinstance(spec, Map):
            self.fail(file, 1, f"{what}: a fact is a mapping with type, label, ask, means and by")
            return
        self.unknown_fields(file, spec, _FACT_FIELDS, what)
        kind, labels = self.type_of(file, spec, what)
        if key in self.facts:
            self.fail(file, spec.line, f"{what}: it stands in {self.facts[key].place} too")
        if "." not in key and kind.kind != "list":
            self.fail(file, spec.line, f"{what}: a key is group.name, and only a list has no group")
        by = tuple(str(who) for who in (spec.get("by") or ()))
        for who in by:
            if who not in self.establishers:
                self.fail(file, spec.lines.get("by", spec.line), f"{what}: unknown establisher {who}{suggest(who, list(self.establishers))}")
        if not by:
            self.fail(file, spec.line, f"{what}: `by` has to say who establishes it")
        norm = spec.get("open_norm", False)
        open_norm = "yes" if norm is True else "part" if norm == "part" else "no"
        label, ask, means = (self.words(file, spec, name, what) for name in ("label", "ask", "means"))
        self.facts[key] = Fact(key, group, kind, label, ask, means, by, open_norm, labels, Place(file, spec.line))
        self.types[key] = kind

    def read_constraints(self, trees: Mapping[str, Map], scope: Scope) -> list[Constraint]:
        constraints = []
        for file, tree in trees.items():
            for spec in (tree.get("constraints") or []) if file.startswith("facts/") else []:
                what = f"constraint {spec.get('id')}"
                condition = self.condition(file, spec, "must", scope, what)
                constraints.append(Constraint(str(spec.get("id")), condition, self.words(file, spec, "says", what)))
        return constraints

    # --- rule sets

    def read_header(self, folder: str, files: Mapping[str, Map]) -> Map:
        header = Map(1)
        for file, tree in files.items():
            self.unknown_fields(file, tree, _SET_FIELDS, f"rule set {folder}")
            for key in ("id", "title", "chapter", "encoded", "version_by", "applies_when", "after"):
                if key not in tree:
                    continue
                if key in header:
                    self.fail(file, tree.lines[key], f"rule set {folder}: `{key}` stands in {header['file']} too")
                header[key] = tree[key]
                header.lines[key] = tree.lines[key]
                header["file"] = file
        header.setdefault("file", f"{folder}/set.yaml")
        if header.get("id", folder) != folder:
            self.fail(header["file"], 1, f"the id {header['id']} differs from its folder {folder}")
        return header

    def read_outcomes(self, folder: str, files: Mapping[str, Map]) -> None:
        for file, tree in files.items():
            declared = tree.get("outcomes")
            if declared is None:
                continue
            if not isinstance(declared, Map):
                self.fail(file, tree.lines["outcomes"], "`outcomes` is a mapping from keys to outcomes")
                continue
            for key, spec in declared.items():
                self.read_outcome(folder, file, key, spec)

    def read_outcome(self, folder: str, file: str, key: str, spec: Any) -> None:
        what = f"outcome {key}"
        if not isinstance(spec, Map):
            self.fail(file, 1, f"{what}: an outcome is a mapping with type and label")
            return
        self.unknown_fields(file, spec, _OUTCOME_FIELDS, what)
        if key in self.outcomes:
            self.fail(file, spec.line, f"{what}: it stands in {self.outcomes[key].place} too")
            return
        kind, labels = self.type_of(file, spec, what)
        if kind.kind == "date":
            kind = Type("date", none=True)
        fact = self.facts.get(key)
        if fact is not None and (fact.type.kind, set(fact.type.values)) != (kind.kind, set(kind.values)):
            self.fail(file, spec.line, f"{what}: its type differs from that of the fact in {fact.place}")
        default: Value = frozenset() if kind.kind == "set" else NONE
        if "default" in spec and not (kind.kind == "date" and spec["default"] == "none"):
            default = self.constant(file, spec, kind, what)
        deadline = None
        if "deadline" in spec:
            if kind.kind == "date" and isinstance(spec["deadline"], Map):
                both = (self.words(file, spec["deadline"], name, what) for name in ("event", "after"))
                deadline = Deadline(*both)
            else:
                self.fail(file, spec.lines["deadline"], f"{what}: only a date has a `deadline` with event and after")
        self.outcomes[key] = Outcome(
            key, folder, kind, self.words(file, spec, "label", what), labels, bool(spec.get("headline")), bool(spec.get("internal")),
            bool(spec.get("statable")) or fact is not None, default, deadline, Place(file, spec.line),
            self.words(file, spec, "partial", what) if "partial" in spec else None,
        )  # fmt: skip
        self.types[key] = kind

    def constant(self, file: str, spec: Map, kind: Type, what: str) -> Value:
        try:
            operand = parse_value(spec["default"], kind, Scope({}))
        except ExpressionError as fault:
            self.fail(file, spec.lines["default"], f"{what}: the default is wrong: {fault}")
            return NONE
        value: Value = getattr(operand, "value_", NONE)
        return value

    def condition(self, file: str, owner: Map, key: str, scope: Scope, what: str) -> Condition:
        if key not in owner:
            return ALWAYS
        try:
            return parse_condition(owner[key], scope)
        except ExpressionError as fault:
            self.fail(file, owner.lines.get(key, owner.line), f"{what}: {fault}")
            return ALWAYS

    def read_set(self, folder: str, files: Mapping[str, Map], header: Map, questions: list[str], scope: Scope) -> RuleSet:
        where = header["file"]
        encoded: tuple[date | None, date | None] = (None, None)
        if isinstance(header.get("encoded"), Map):
            encoded = self.period(where, header["encoded"], f"rule set {folder}")
        version_by = header.get("version_by", _REFERENCE_DATE)
        gaps: list[Gap] = []
        for file, tree in files.items():
            for spec in tree.get("not_encoded") or []:
                gaps.append(Gap(self.citations(file, spec, "not encoded"), self.words(file, spec, "reason", "not encoded")))
        listed: list[tuple[str, Map]] = []
        for file, tree in files.items():
            found = tree.get("rules")
            if found is not None and not isinstance(found, Seq):
                self.fail(file, tree.lines["rules"], "`rules` is a list of rules")
            elif found is not None:
                listed += [(file, spec) for spec in found]
        names = self.full_names(listed)
        ids = [self.read_rule(folder, file, spec, names[n], str(version_by), scope) for n, (file, spec) in enumerate(listed)]
        if listed and "title" not in header and folder != "derived":
            self.fail(where, 1, f"rule set {folder}: it has rules but no `title`")
        title = self.words(where, header, "title", f"rule set {folder}") if "title" in header else Words(folder, folder)
        applies_when = self.condition(where, header, "applies_when", scope, f"rule set {folder}") if "applies_when" in header else None
        return RuleSet(
            folder, title, encoded, applies_when, folder == "derived",
            tuple(key for key, outcome in self.outcomes.items() if outcome.set == folder),
            tuple(rule for rule in ids if rule), tuple(questions), tuple(gaps), invariants=tuple(self.read_invariants(files, scope)),
        )  # fmt: skip

    def read_invariants(self, files: Mapping[str, Map], scope: Scope) -> Iterator[Invariant]:
        for file, tree in files.items():
            for spec in tree.get("invariants") or ():
                what = f"invariant {spec.get('id')}"
                self.unknown_fields(file, spec, {"id", "must", "says"}, what)
                if "must" not in spec or "id" not in spec:
                    self.fail(file, spec.line, f"{what}: it needs `id`, `must` (a condition) and `says`")
                    continue
                yield Invariant(str(spec["id"]), self.condition(file, spec, "must", scope, what), self.words(file, spec, "says", what))

    def read_question(self, folder: str, file: str, name: str, spec: Map) -> str:
        what = f"reading {name}"
        key = f"{folder}.{name}"
        options = spec.get("options")
        if not isinstance(options, Map) or len(options) < 2:
            self.fail(file, spec.line, f"{what}: it needs at least two `options`, each with words in both languages")
            options = Map()
        default = str(spec.get("default"))
        if options and default not in options:
            self.fail(file, spec.line, f"{what}: the default {default} is not one of {', '.join(options)}")
        labels = {option: self.words(file, options, option, what) for option in options}
        self.questions[key] = Question(key, folder, self.words(file, spec, "question", what), labels, default)
        return key

    def full_names(self, listed: Iterable[tuple[str, Map]]) -> list[str]:
        """The full name of each rule: its id, with `@from` (and `~option`) where the id has several versions."""
        listed = list(listed)
        counts: dict[str, int] = {}
        for _, spec in listed:
            counts[str(spec.get("id"))] = counts.get(str(spec.get("id")), 0) + 1
        names = []
        for _, spec in listed:
            name = str(spec.get("id"))
            if counts[name] > 1:
                period, reading = spec.get("in_force"), spec.get("reading")
                name += f"@{period.get('from', '')}" if isinstance(period, Map) else "@"
                name += f"~{reading.get('option')}" if isinstance(reading, Map) else ""
            names.append(name)
        return names

    def read_rule(self, folder: str, file: str, spec: Any, full: str, version_by: str, scope: Scope) -> str:
        if not isinstance(spec, Map) or not isinstance(spec.get("id"), str):
            self.fail(file, getattr(spec, "line", 1), "a rule is a mapping that begins with `id`")
            return ""
        what = f"rule {full}"
        self.unknown_fields(file, spec, _RULE_FIELDS, what)
        if full in self.rules:
            self.fail(file, spec.line, f"{what}: it stands in {self.rules[full].place} too; versions need different periods")
            return ""
        parts: list[Condition] = []
        period: tuple[date | None, date | None] = (None, None)
        force_by = version_by
        if isinstance(spec.get("in_force"), Map):
            in_force = spec["in_force"]
            self.unknown_fields(file, in_force, {"from", "until", "by"}, what)
            period = self.period(file, in_force, what)
            force_by = str(in_force.get("by", version_by))
        if self.types.get(force_by, v.BOOL).kind != "date":
            near = suggest(force_by, [key for key, kind in self.types.items() if kind.kind == "date"])
            self.fail(file, spec.lines.get("in_force", spec.line), f"{what}: the version goes by {force_by}, which is no date of the vocabulary{near}")
        elif period != (None, None):
            parts.append(InForce(Ref(force_by, self.types[force_by]), *period))
        elif folder != "derived":
            self.fail(file, spec.line, f"{what}: `in_force` with a first day is missing")
        question, option = self.read_reading(folder, file, spec, what)
        if question and option:
            parts.append(Reading(question, option))
        condition = self.condition(file, spec, "when", scope, what)
        if condition != ALWAYS:
            parts.append(condition)
        then = self.read_then(folder, file, spec, "then", scope, what)
        may = self.read_then(folder, file, spec, "may", scope, what)
        then |= self.read_gaps(folder, file, spec, what)
        if bool(then) == bool(may) and ("then" in spec or "not_encoded" in spec) == ("may" in spec):
            self.fail(file, spec.line, f"{what}: give either `then` (what it decides) or `may` (a power beside the outcome)")
        force = spec.get("force")
        if force not in _FORCES:
            self.fail(file, spec.lines.get("force", spec.line), f"{what}: `force` is one of {', '.join(_FORCES)}, not {force}")
        exceptions = spec.get("exception_to") or []
        if isinstance(exceptions, str):
            exceptions = [exceptions]
        self.rules[full] = Rule(
            id=full, name=spec["id"], set=folder, cite=self.citations(file, spec, what),
            condition=All(tuple(parts)), then=then, may=may, force=str(force),
            exception_to=tuple(str(name) for name in exceptions), group=spec.get("group"), question=question, option=option,
            period=period, checked=self.read_checked(file, spec, what), chapter=_joined(spec.get("chapter")),
            says=self.read_says(file, spec, what), limits=self.words(file, spec, "limits", what) if "limits" in spec else None,
            place=Place(file, spec.line),
        )  # fmt: skip
        return full

    def read_says(self, file: str, spec: Map, what: str) -> Words:
        says = self.words(file, spec, "says", what)
        for text in says:
            for key in re.findall(r"\{([^{}]*)\}", text):
                if key not in self.types:
                    self.fail(file, spec.lines["says"], f"{what}: `says` names {{{key}}}, which is no fact or outcome{suggest(key, list(self.types))}")
        return says

    def read_reading(self, folder: str, file: str, spec: Map, what: str) -> tuple[str | None, str | None]:
        reading = spec.get("reading")
        if reading is None:
            return None, None
        name = str(reading.get("question")) if isinstance(reading, Map) else ""
        key = name if name in self.questions else f"{folder}.{name}"
        question = self.questions.get(key)
        option = str(reading.get("option")) if isinstance(reading, Map) else ""
        if question is None or option not in question.options:
            known = sorted(self.questions) if question is None else list(question.options)
            self.fail(file, spec.lines["reading"], f"{what}: `reading` names a question and one of its options; known: {', '.join(known)}")
            return None, None
        return key, option

    def read_then(self, folder: str, file: str, spec: Map, field: str, scope: Scope, what: str) -> dict[str, Operand]:
        found = spec.get(field)
        if found is None:
            return {}
        if not isinstance(found, Map) or not found:
            self.fail(file, spec.lines[field], f"{what}: `{field}` is a mapping from outcomes to values")
            return {}
        values: dict[str, Operand] = {}
        for key, source in found.items():
            line = found.lines[key]
            outcome = self.outcomes.get(key)
            if outcome is None:
                self.fail(file, line, f"{what}: {key} is no outcome{suggest(key, list(self.outcomes))}")
                continue
            if outcome.set != folder:
                self.fail(file, line, f"{what}: {key} belongs to the rule set {outcome.set}, not to {folder}")
            expected = outcome.type
            try:
                if expected.kind == "set" and isinstance(source, str):
                    source = [source]
                values[key] = parse_value(source, expected, scope)
            except ExpressionError as fault:
                self.fail(file, line, f"{what}: {key}: {fault}")
        return values

    def read_gaps(self, folder: str, file: str, spec: Map, what: str) -> dict[str, Operand]:
        """The outcomes of which a rule says that the law has an answer here that is not encoded."""
        found: dict[str, Operand] = {}
        keys = spec.get("not_encoded") or []
        for key in [keys] if isinstance(keys, str) else keys:
            outcome = self.outcomes.get(str(key))
            if outcome is None or outcome.set != folder:
                self.fail(file, spec.lines["not_encoded"], f"{what}: {key} is no outcome of {folder}{suggest(str(key), list(self.outcomes))}")
            else:
                found[outcome.key] = Const(NOT_CODED, outcome.type)
        return found

    def read_checked(self, file: str, spec: Map, what: str) -> Checked:
        checked = spec.get("checked")
        line = spec.lines.get("checked", spec.line)
        if not isinstance(checked, Map) or checked.get("status") not in _STATUSES:
            self.fail(file, line, f"{what}: `checked` needs a status, one of {', '.join(_STATUSES)}")
            return Checked("none", "", None, None)
        self.unknown_fields(file, checked, {"status", "against", "on", "note"}, what)
        on = checked.get("on")
        note = self.words(file, checked, "note", what) if "note" in checked else None
        return Checked(checked["status"], str(checked.get("against", "")), on if isinstance(on, date) else None, note)

    def provisions(self, folders: Mapping[str, Mapping[str, Map]], sets: dict[str, RuleSet]) -> None:
        """Each listed provision of the dossier is a rule (by its `chapter`), or says which rules encode it or why none does."""
        by_chapter: dict[str, list[str]] = {}
        for rule in self.rules.values():
            for word in _WORD.findall(rule.chapter or ""):
                by_chapter.setdefault(word, []).append(rule.name)
        names = {rule.name for rule in self.rules.values()}
        for folder, files in folders.items():
            found: list[Provision] = []
            for file, tree in files.items():
                for name, spec in (tree.get("provisions") or {}).items():
                    found.append(self.read_provision(file, name, spec, tree["provisions"].lines[name], by_chapter.get(name, []), names))
            sets[folder] = replace(sets[folder], provisions=tuple(found))

    def read_provision(self, file: str, name: str, spec: Any, line: int, encoding: list[str], names: set[str]) -> Provision:
        what = f"provision {name}"
        spec = spec if isinstance(spec, Map) else Map(line)
        self.unknown_fields(file, spec, {"rules", "reason"}, what)
        for rule in spec.get("rules") or ():
            if rule not in names:
                self.fail(file, spec.lines["rules"], f"{what}: there is no rule {rule}{suggest(str(rule), sorted(names))}")
        rules = tuple(dict.fromkeys([*encoding, *map(str, spec.get("rules") or ())]))
        reason = self.words(file, spec, "reason", what) if "reason" in spec else None
        if not rules and reason is None:
            self.fail(file, line, f"{what}: no rule names it in `chapter`; name the `rules` that encode it, or give the `reason` why none does")
        return Provision(name, rules, reason)

    # --- the rules among each other

    def exceptions(self) -> dict[str, set[str]]:
        """For each rule the rules that set it aside; also checks versions and circles."""
        targets: dict[str, set[str]] = {}
        for rule in self.rules.values():
            for name in {rule.id, rule.name, rule.group}:
                if name:
                    targets.setdefault(name, set()).add(rule.id)
        found: dict[str, set[str]] = {rule: set() for rule in self.rules}
        for rule in self.rules.values():
            for name in rule.exception_to:
                if name not in targets:
                    self.fail(
                        rule.place.file,
                        rule.place.line,
                        f"rule {rule.id}: `exception_to` names {name}, which is no rule or group{suggest(name, list(targets))}",
                    )
                for target in targets.get(name, set()) - {rule.id}:
                    if self.rules[target].name != rule.name:
                        found[target].add(rule.id)
        circle = _circle(found)
        if circle:
            first = self.rules[circle[0]]
            self.fail(first.place.file, first.place.line, f"rule {first.id}: exceptions run in a circle: {' → '.join(circle)}")
        self.versions()
        return found

    def versions(self) -> None:
        by_name: dict[tuple[str, str | None], list[Rule]] = {}
        for rule in self.rules.values():
            by_name.setdefault((rule.name, rule.option), []).append(rule)
        for versions in by_name.values():
            versions.sort(key=lambda rule: rule.period[0] or date.min)
            for earlier, later in pairwise(versions):
                end = earlier.period[1]
                if end is None or end >= (later.period[0] or date.min):
                    self.fail(later.place.file, later.place.line, f"rule {later.id}: its period overlaps that of {earlier.id} ({earlier.place})")

    def ordered(self, givers: Mapping[str, list[str]], exceptions: Mapping[str, set[str]]) -> tuple[list[str], dict[str, int]]:
        """An order of the outcomes in which each comes after all that it needs, and the level of each rule and outcome."""
        needs: dict[str, set[str]] = {}
        for rule in self.rules.values():
            read = {key for key in refs(rule.condition) if key in self.outcomes}
            needs[f"rule {rule.id}"] = read | {f"rule {e}" for e in exceptions[rule.id]}
        for key, names in givers.items():
            needs[key] = {f"rule {name}" for name in names}
            for name in names:
                needs[key] |= {read for read in refs(self.rules[name].then[key]) if read in self.outcomes}
        circle = _circle(needs)
        if circle:
            rules = [name[5:] for name in circle if name.startswith("rule ")]
            place = self.rules[rules[0]].place if rules else Place("rules", 1)
            self.fail(place.file, place.line, f"rule {rules[0] if rules else '?'}: outcomes depend on each other in a circle: {' → '.join(circle)}")
            return [], {}
        levels: dict[str, int] = {}
        order: list[str] = []

        def visit(name: str) -> int:
            if name not in levels:
                below = [visit(other) + (0 if other.startswith("rule ") else 1 if name.startswith("rule ") else 0) for other in sorted(needs.get(name, ()))]
                levels[name] = max(below, default=0)
                if not name.startswith("rule "):
                    order.append(name)
            return levels[name]

        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 20_000))
        try:
            for name in sorted(needs):
                visit(name)
        finally:
            sys.setrecursionlimit(limit)
        return order, levels


def _joined(names: Any) -> str | None:
    """One or more names of places in the dossier, as one text."""
    return None if names is None else " ".join(map(str, names if isinstance(names, list) else [names]))


def _circle(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """A circle in a graph, or nothing."""
    done: set[str] = set()
    for start in sorted(needs):
        path: list[str] = []
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                path.pop()
                done.add(name)
            elif name in path:
                return [*path[path.index(name) :], name]
            elif name not in done:
                path.append(name)
                stack.append((name, True))
                stack += [(other, False) for other in sorted(needs.get(name, ()))]
    return []
