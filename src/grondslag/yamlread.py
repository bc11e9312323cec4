"""YAML 1.2 and JSON with the line of everything kept, so that messages can say where. Aliases are refused: they can grow without bound."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_TAG = "tag:yaml.org,2002:"
_BRACKETS = re.compile(r"[\[\]{}]")
_DEEPEST = 200


class ReadError(ValueError):
    """A text that cannot be read. `line` counts from 1; 0 when it is not known."""

    def __init__(self, message: str, line: int = 0) -> None:
        self.line = line
        super().__init__(message)


class Map(dict[str, Any]):
    """A mapping that knows its own line and the line of each key."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class Seq(list[Any]):
    """A list that knows its line."""

    __slots__ = ("line",)

    def __init__(self, items: list[Any], line: int = 0) -> None:
        super().__init__(items)
        self.line = line


def read_text(path: Path, limit: int) -> str:
    """The text of a file of at most `limit` bytes.

    Raises:
        ReadError: the file is missing, too large, or not UTF-8 text.
    """
    try:
        if path.is_dir():
            raise ReadError("it is a folder, not a file")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as fault:
        raise ReadError(f"it cannot be opened ({fault.strerror or fault})") from None
    return decode(data, limit)


def decode(data: bytes, limit: int) -> str:
    """Bytes as UTF-8 text of at most `limit` bytes.

    Raises:
        ReadError: too many bytes, or not text.
    """
    if len(data) > limit:
        raise ReadError(f"it is larger than {limit // 1000} kB, the most that a case may be")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReadError("it is not text in UTF-8; a case is YAML or JSON") from None
    if "\0" in text:
        raise ReadError("it is not text; a case is YAML or JSON")
    return text


def parse_yaml(text: str) -> Any:
    """Plain values, `Map` and `Seq` from one YAML document; `None` for an empty one.

    Raises:
        ReadError: not YAML, more than one document, a key that stands twice, an alias, or nesting without end.
    """
    depth = 0
    for mark in _BRACKETS.findall(text):
        depth += 1 if mark in "[{" else -1
        if depth > _DEEPEST:
            raise ReadError("it is nested too deeply")
    try:
        node = YAML(typ="safe", pure=True).compose(text)
        return None if node is None else _build(node)
    except MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark is not None else 0
        raise ReadError(f"it is not YAML: {fault.problem or fault.context}", line) from None
    except RecursionError:
        raise ReadError("it is nested too deeply") from None
    except (YAMLError, ValueError) as fault:
        if isinstance(fault, ReadError):
            raise
        raise ReadError(f"it is not YAML: {str(fault).splitlines()[0]}") from None


def parse_json(text: str) -> Any:
    """Plain values, `Map` and `Seq` from JSON (without lines); dates stay text.

    Raises:
        ReadError: not JSON, or a key that stands twice.
    """

    def mapping(pairs: list[tuple[str, Any]]) -> Map:
        result = Map()
        for key, value in pairs:
            if key in result:
                raise ReadError(f"the key {key} stands twice")
            result[key] = Seq(value) if isinstance(value, list) else value
        return result

    try:
        return json.loads(text, object_pairs_hook=mapping)
    except json.JSONDecodeError as fault:
        raise ReadError(f"it is not JSON: {fault.msg}", fault.lineno) from None
    except RecursionError:
        raise ReadError("it is nested too deeply") from None


def _build(node: Node) -> Any:
    line = node.start_mark.line + 1
    if node.anchor is not None:
        raise ReadError("anchors and aliases (& and *) are not accepted", line)
    if not isinstance(node, ScalarNode) and str(node.tag).removeprefix(_TAG) not in ("map", "seq"):
        raise ReadError(f"the tag {node.tag} is not accepted", line)
    if isinstance(node, MappingNode):
        result = Map(line)
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                raise ReadError("a key is one word", key_line)
            key = key_node.value
            if key in result:
                raise ReadError(f"the key {key} stands twice", key_line)
            result[key] = _build(value_node)
            result.lines[key] = key_line
        return result
    if isinstance(node, SequenceNode):
        return Seq([_build(item) for item in node.value], line)
    return _scalar(node, line)


def _scalar(node: Node, line: int) -> Any:
    kind = str(node.tag).removeprefix(_TAG)
    text = str(node.value)
    match kind:
        case "str":
            return text
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            try:
                return (
                    int(text.replace("_", ""), 0)
                    if not text.lstrip("+-").startswith("0")
                    else int(text.lower().replace("0o", ""), 8 if "o" in text.lower() else 10)
                )
            except ValueError:
                return text
        case "timestamp":
            try:
                return date.fromisoformat(text)
            except ValueError:
                try:
                    moment = datetime.fromisoformat(text)
                except ValueError:
                    raise ReadError(f"{text} is not a date that exists", line) from None
                raise ReadError(f"{text} has a time of day; a date is {moment.date().isoformat()}", line) from None
        case "float":
            return text  # legal quantities are whole: where a number is due this text will not fit
    raise ReadError(f"the tag {node.tag} is not accepted", line)
