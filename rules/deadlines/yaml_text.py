"""Read YAML text so that every mistake can be told with its line. No file is opened here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from rules.deadlines.errors import TableError
from rules.errors import DocumentError
from rules.yaml_text import check_text

M = TypeVar("M", bound=BaseModel)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_mapping(file: str, text: str) -> tuple[dict[str, Any], yaml.Node]:
    """Return the document and its node tree. Raises `TableError` for broken YAML or a key given twice."""
    try:
        check_text(text, file)
        node = yaml.compose(text, Loader=_LOADER)
        if not isinstance(node, yaml.MappingNode):
            raise TableError(file, 1, "(document)", "a table file is a mapping of keys to values")
        _refuse_duplicates(file, node)
        document = yaml.load(text, Loader=_LOADER)  # noqa: S506  # the loader is a safe one
    except DocumentError as error:
        raise TableError(file, error.line, "(yaml)", f"{error.message}（{error.mend}）") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TableError(file, line, "(yaml)", error.problem or "not valid YAML") from error
    except (yaml.YAMLError, ValueError) as error:
        raise TableError(file, 1, "(yaml)", str(error)) from error
    return document, node


def _refuse_duplicates(file: str, node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise TableError(file, key.start_mark.line + 1, "(yaml)", "a key is plain text")
            if key.value in seen:
                raise TableError(file, key.start_mark.line + 1, str(key.value), "this key is given twice")
            seen.add(key.value)
            _refuse_duplicates(file, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_duplicates(file, value)


def line_of(node: yaml.Node, path: Sequence[int | str]) -> int:
    """Return the line (from 1) of the deepest part of `path` that the text has."""
    line = node.start_mark.line + 1
    for step in path:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
        if found is None:
            continue  # pydantic puts names of union branches into the path
        node, line = found, found.start_mark.line + 1
    return line


def parse_model(file: str, model: type[M], document: Any, node: yaml.Node) -> M:
    """Return `document` as `model`. Raises `TableError` for the first field that is wrong."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        path = [step for step in first["loc"] if isinstance(step, int | str)]
        field = ".".join(str(step) for step in path) or "(document)"
        raise TableError(file, line_of(node, path), field, first["msg"]) from error
