"""The DMN Technology Compatibility Kit's files: models and the cases beside them, as plain data."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from tests.conformance.outcome import OutOfScope, Reason

Element = ElementTree.Element
_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_BASE_TYPES = {"number": "number", "boolean": "bool", "string": "enum", "date": "date"}
_NOT_HERE = {
    "time": Reason.TIMES, "dateTime": Reason.TIMES, "dateAndTime": Reason.TIMES, "duration": Reason.DURATIONS,
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One result that a suite expects: a decision's value for some inputs."""

    number: str
    decision: str
    given: tuple[Element, ...]
    expected: Element


@dataclass
class Model:
    """A DMN model: its decisions, the types of its inputs, and all words it mentions."""

    root: Element
    decisions: dict[str, Element] = field(init=False)
    inputs: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.decisions = {node.get("name", ""): node for node in children(self.root, "decision")}
        self.inputs = {
            node.get("name", ""): next((v.get("typeRef", "") for v in children(node, "variable")), "")
            for node in children(self.root, "inputData")
        }
        self.types = {node.get("name", ""): node for node in children(self.root, "itemDefinition")}

    @property
    def words(self) -> list[str]:
        """Return every text value that the model mentions."""
        texts = [node.text or "" for node in self.root.iter() if local(node) == "text"]
        return list(dict.fromkeys(word for text in texts for word in re.findall(r'"([^"]*)"', text)))

    def allowed_values(self, type_ref: str) -> list[Element]:
        """Return what the definition of a type says of its values; empty when it says nothing."""
        definition = self.types.get(type_ref.rpartition(":")[2])
        return [] if definition is None else children(definition, "allowedValues")

    def fact_type(self, type_ref: str) -> str | None:
        """Return our fact type for a type of the model, None when it says nothing. Raises OutOfScope."""
        name = type_ref.rpartition(":")[2]
        if name in _BASE_TYPES:
            return _BASE_TYPES[name]
        if name in ("time", "date and time", "dateTime"):
            raise OutOfScope(Reason.TIMES, name)
        if "duration" in name:
            raise OutOfScope(Reason.DURATIONS, name)
        definition = self.types.get(name)
        if definition is None:
            return None
        if definition.get("isCollection") == "true":
            raise OutOfScope(Reason.LISTS, f"an input of type {name}")
        inner = next((node.text or "" for node in children(definition, "typeRef")), "")
        return self.fact_type(inner) if inner else None


@cache
def read_model(path: Path) -> Model:
    """Return the model in a file."""
    return Model(ElementTree.parse(path).getroot())


def cases(tests: Path) -> Iterator[tuple[Path, Case]]:
    """Yield every expected result in a file of cases, with the file of its model."""
    root = ElementTree.parse(tests).getroot()
    name = next((node.text or "" for node in children(root, "modelName")), "")
    for case in children(root, "testCase"):
        given = tuple(children(case, "inputNode"))
        for place, node in enumerate(children(case, "resultNode")):
            decision = node.get("name", "")
            number = f"{case.get('id') or '?'}-{decision or place}"
            expected = children(node, "expected")
            yield tests.parent / name, Case(number, decision, given, expected[0] if expected else node)


def value(node: Element) -> Any:
    """Return the plain value of a TCK node: a value, a list, or a structure. Raises OutOfScope."""
    if lists := children(node, "list"):
        return [value(item) for item in children(lists[0], "item")]
    if components := children(node, "component"):
        return {component.get("name"): value(component) for component in components}
    found = children(node, "value")
    if not found or found[0].get(f"{_INSTANCE}nil") == "true":
        return None
    text = (found[0].text or "").strip()
    kind = (found[0].get(f"{_INSTANCE}type") or "string").rpartition(":")[2]
    if kind in _NOT_HERE or "uration" in kind:
        raise OutOfScope(_NOT_HERE.get(kind, Reason.DURATIONS), text)
    match kind:
        case "boolean":
            return text == "true"
        case "decimal" | "double" | "integer" | "int" | "long" | "float":
            return Decimal(text)
        case "date":
            return date.fromisoformat(text)
        case _:
            return text


def local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, name: str) -> list[Element]:
    """Return the direct children of a name."""
    return [child for child in element if local(child) == name]


def text_of(element: Element | None) -> str:
    """Return the expression in an element; empty when there is none."""
    found = children(element, "text") if element is not None else []
    return (found[0].text or "").strip() if found else ""
