"""The tree of conditions of a rule: leaves with one comparison each, joined by all, any, not and at_least."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from rules.errors import ExpressionError
from rules.expressions import Expression, parse_condition, parse_expression
from rules.yaml_text import Path


class Model(BaseModel):
    """Base of everything in a knowledge document: frozen, and no field that the form does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True
    )


def _condition(raw: object) -> object:
    return _parsed(parse_condition, raw)


def _expression(raw: object) -> object:
    if isinstance(raw, int) or type(raw).__name__ == "Decimal":
        raw = str(raw)
    return _parsed(parse_expression, raw)


def _parsed(parse: Any, raw: object) -> object:
    if isinstance(raw, Expression):
        return raw
    try:
        return parse(raw)
    except ExpressionError as error:
        raise ValueError(str(error)) from None


def _several(raw: object) -> object:
    return (raw,) if isinstance(raw, str) else raw


@dataclass(frozen=True, slots=True)
class Negated:
    """Holds when `part` does not."""

    part: Formal


@dataclass(frozen=True, slots=True)
class Needs:
    """Holds when at least `count` of the parts hold: all of them, one of them, or some."""

    count: int
    parts: tuple[Formal, ...]


Formal = Expression | Negated | Needs  # the tree without words: what is left to reason with

Test = Annotated[Expression, BeforeValidator(_condition)]
Formula = Annotated[Expression, BeforeValidator(_expression)]
Cites = Annotated[tuple[str, ...], BeforeValidator(_several), Field(min_length=1)]


class Condition(Model):
    """A leaf: one comparison, its article, and what to say when it holds or fails."""

    id: str = Field(min_length=1)
    test: Test = Field(alias="if")
    cite: Cites
    pass_text: str = Field(alias="pass", min_length=1)
    fail_text: str = Field(alias="fail", min_length=1)
    remedy: str = Field(default="", alias="fix")
    note: str = ""

    @property
    def formal(self) -> Formal:
        """Return the comparison."""
        return self.test


class Group(Model):
    """What all joints of the tree may carry."""

    id: str = ""
    cite: Cites | None = None
    pass_text: str = Field(default="", alias="pass")
    fail_text: str = Field(default="", alias="fail")
    remedy: str = Field(default="", alias="fix")


class AllOf(Group):
    """Holds when every part holds."""

    parts: tuple[Node, ...] = Field(alias="all")

    @cached_property
    def formal(self) -> Formal:
        """Return the tree without words."""
        return Needs(len(self.parts), tuple(part.formal for part in self.parts))


class AnyOf(Group):
    """Holds when one part holds."""

    parts: tuple[Node, ...] = Field(alias="any", min_length=1)

    @cached_property
    def formal(self) -> Formal:
        """Return the tree without words."""
        return Needs(1, tuple(part.formal for part in self.parts))


class NotOf(Group):
    """Holds when its part does not."""

    part: Node = Field(alias="not")

    @property
    def parts(self) -> tuple[Node, ...]:
        """Return the one part."""
        return (self.part,)

    @cached_property
    def formal(self) -> Formal:
        """Return the tree without words."""
        return Negated(self.part.formal)


class AtLeast(Group):
    """Holds when at least `count` parts hold."""

    count: int = Field(alias="at_least", ge=1)
    parts: tuple[Node, ...] = Field(alias="of", min_length=1)

    @cached_property
    def formal(self) -> Formal:
        """Return the tree without words."""
        return Needs(self.count, tuple(part.formal for part in self.parts))


# The tags are no field names, so that the place of an error is found by passing over them.
_TAG_BY_KEY = {"if": "<if>", "all": "<all>", "any": "<any>", "not": "<not>", "at_least": "<at_least>"}
_TAG_BY_MODEL: dict[type[BaseModel], str] = {
    Condition: "<if>",
    AllOf: "<all>",
    AnyOf: "<any>",
    NotOf: "<not>",
    AtLeast: "<at_least>",
}


def _kind(raw: Any) -> str | None:
    if isinstance(raw, dict):
        found = [tag for key, tag in _TAG_BY_KEY.items() if key in raw]
        return found[0] if len(found) == 1 else None
    return _TAG_BY_MODEL.get(type(raw))


Node = Annotated[
    Annotated[Condition, Tag("<if>")]
    | Annotated[AllOf, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[NotOf, Tag("<not>")]
    | Annotated[AtLeast, Tag("<at_least>")],
    Discriminator(
        _kind,
        custom_error_type="node",
        custom_error_message="一个节点要写且只写 if、all、any、not、at_least 中的一个",
    ),
]
TreeNode = Condition | AllOf | AnyOf | NotOf | AtLeast

for _model in (AllOf, AnyOf, NotOf, AtLeast):
    _model.model_rebuild()


def walk(node: TreeNode, path: Path = ()) -> Iterator[tuple[Path, TreeNode]]:
    """Yield every node of the tree with its path in the document, in reading order."""
    yield path, node
    match node:
        case AllOf():
            steps: Iterator[Path] = ((*path, "all", index) for index in range(len(node.parts)))
        case AnyOf():
            steps = ((*path, "any", index) for index in range(len(node.parts)))
        case AtLeast():
            steps = ((*path, "of", index) for index in range(len(node.parts)))
        case NotOf():
            steps = iter([(*path, "not")])
        case Condition():
            return
    for step, part in zip(steps, node.parts, strict=True):
        yield from walk(part, step)


def conditions(node: TreeNode) -> Iterator[Condition]:
    """Yield the leaves of the tree, in reading order."""
    for _, part in walk(node):
        if isinstance(part, Condition):
            yield part
