"""The form of decision tables (schema table/1): inputs, outputs, hit policy and rows with their citations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from rules.amount_form import Rounding
from rules.expressions import Expression
from rules.form import Document, Period, Strings, Version
from rules.tree import AllOf, AnyOf, Cites, Condition, Formula, Model, Node, NotOf, TreeNode

_CELL_OPERATORS = (">=", "<=", "==", "!=", ">", "<", "not in ", "in ", "&")


class HitPolicy(StrEnum):
    """What is the result when several rows hold (after DMN)."""

    UNIQUE = "unique"  # at most one row may hold
    ANY = "any"  # several may hold when they say the same
    FIRST = "first"  # the first that holds
    PRIORITY = "priority"  # the one whose output stands first in the output's `values`
    RULE_ORDER = "rule_order"  # all, in the order of the rows
    OUTPUT_ORDER = "output_order"  # all, in the order of the output's `values`
    COLLECT = "collect"  # all, or their sum, smallest, largest or number

    @property
    def gives_one(self) -> bool:
        """Return whether at most one row is the result."""
        return self in (HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.FIRST, HitPolicy.PRIORITY)


class Aggregate(StrEnum):
    """What `collect` does with the rows that hold."""

    LIST = "list"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    COUNT = "count"


class OutputType(StrEnum):
    """What an output is. Text of a number or money output is an expression."""

    TEXT = "text"
    ENUM = "enum"
    BOOL = "bool"
    NUMBER = "number"
    MONEY = "money"  # written in 元, comes out in 分
    LIST = "list"
    ANY = "any"


class Output(Model):
    """One column of results."""

    type: OutputType = OutputType.TEXT
    unit: str = ""
    values: tuple[Any, ...] = ()
    title: str = ""
    round: Rounding = Rounding.EXACT


class Input(Model):
    """One column of conditions: a fact, or an expression with a name."""

    id: str
    value: Formula
    title: str = ""


def _input(raw: Any) -> Any:
    return {"id": raw, "value": raw} if isinstance(raw, str) else raw


def _outputs(raw: Any) -> Any:
    if isinstance(raw, list):
        return {name: {"type": "any"} for name in raw}
    if isinstance(raw, Mapping):
        return {name: {"type": spec} if isinstance(spec, str) else spec for name, spec in raw.items()}
    return raw


class Row(Model):
    """One line of a table: holds when every cell of `when` and the tree `require` hold."""

    id: str = Field(min_length=1)
    when: Mapping[str, Any] = Field(default_factory=dict)
    require: Node | None = None
    otherwise: bool = Field(default=False, alias="else")
    then: Mapping[str, Any]
    cite: Cites
    note: str = ""
    valid: Period = Period()

    @model_validator(mode="after")
    def _else_stands_alone(self) -> Self:
        if self.otherwise and (self.when or self.require is not None):
            raise ValueError("else: true 的一行不写条件")
        return self


class TableVersion(Version):
    """The rows in force during one period."""

    rows: tuple[Row, ...] = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _rows_are_distinct(self) -> Self:
        ids = [row.id for row in self.rows]
        if repeated := [row for row in ids if ids.count(row) > 1]:
            raise ValueError(f"行号“{repeated[0]}”写了两次")
        if any(row.otherwise for row in self.rows[:-1]):
            raise ValueError("else: true 只能在最后一行")
        return self


class DecisionTable(Document):
    """A decision table. `rows` with `valid` may stand for a single version."""

    form: Literal["table/1"] = Field(alias="schema")
    hit: HitPolicy
    aggregate: Aggregate = Aggregate.LIST
    complete: bool = True  # the rows are meant to cover every case; the check reports gaps
    inputs: tuple[Annotated[Input, BeforeValidator(_input)], ...] = Field(min_length=1)
    outputs: Annotated[Mapping[str, Output], BeforeValidator(_outputs)] = Field(min_length=1)
    versions: tuple[TableVersion, ...] = Field(min_length=1)
    next_if_no: Strings = ()
    notes: Strings = ()

    @model_validator(mode="before")
    @classmethod
    def _single_version(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and "rows" in raw and "versions" not in raw:
            rest = {key: value for key, value in raw.items() if key not in ("rows", "valid")}
            return {**rest, "versions": [{"valid": raw.get("valid", {}), "rows": raw["rows"]}]}
        return raw

    @model_validator(mode="after")
    def _columns_exist(self) -> Self:
        inputs = {column.id for column in self.inputs}
        for version in self.versions:
            for row in version.rows:
                if stray := [name for name in row.when if name not in inputs]:
                    raise ValueError(f"行“{row.id}”用了没有列在 inputs 里的“{stray[0]}”")
                if stray := [name for name in row.then if name not in self.outputs]:
                    raise ValueError(f"行“{row.id}”写了没有列在 outputs 里的“{stray[0]}”")
        if self.aggregate is not Aggregate.LIST and self.hit is not HitPolicy.COLLECT:
            raise ValueError("aggregate 只用于 hit: collect")
        if self.hit in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER) and not any(
            output.values for output in self.outputs.values()
        ):
            raise ValueError(f"hit: {self.hit.value} 要在 outputs 里写 values 的先后")
        _ = self.trees  # every cell is read now, so that its error is found now
        return self

    @property
    def periods(self) -> tuple[TableVersion, ...]:
        """Return the versions."""
        return self.versions

    @cached_property
    def trees(self) -> tuple[Mapping[str, TreeNode], ...]:
        """Return for each version the tree of conditions of each row."""
        return tuple(self._trees(version.rows) for version in self.versions)

    def _trees(self, rows: tuple[Row, ...]) -> dict[str, TreeNode]:
        trees: dict[str, TreeNode] = {}
        for row in rows:
            if row.otherwise:
                trees[row.id] = NotOf.model_construct(part=AnyOf.model_construct(parts=tuple(trees.values())))
            else:
                trees[row.id] = self._tree(row)
        return trees

    def _tree(self, row: Row) -> TreeNode:
        parts: list[TreeNode] = []
        for column in self.inputs:
            if column.id in row.when:
                parts.extend(_cells(row, column, row.when[column.id]))
        if row.require is not None:
            parts.append(row.require)
        return AllOf.model_construct(id=row.id, cite=row.cite, parts=tuple(parts))


def _cells(row: Row, column: Input, cell: Any) -> list[Condition]:
    sources = cell_sources(column.value, cell)
    return [
        Condition.model_validate(
            {
                "id": f"{row.id}.{column.id}" + (f".{number}" if len(sources) > 1 else ""),
                "if": source,
                "cite": row.cite,
                "pass": f"{column.title or column.id}符合",
                "fail": f"{column.title or column.id}不符合",
            }
        )
        for number, source in enumerate(sources, 1)
    ]


def cell_sources(value: Expression, cell: Any) -> list[str]:
    """Return the conditions that a cell of a table stands for, as expression texts.

    `-` is any value; a plain value means equal; a list means one of; text that begins with an operator is the
    rest of a comparison, several joined by ` and `. Raises ValueError.
    """
    subject = value.source.strip()
    if cell is None or cell == "-":
        return []
    if isinstance(cell, bool):
        return [subject if cell else f"not {subject}"]
    if isinstance(cell, list | tuple):
        if not cell or any(isinstance(item, list | tuple | dict) or item is None for item in cell):
            raise ValueError("单元格里的列表要写一个以上固定的取值")
        return [f"{subject} in [{', '.join(_quoted(item) for item in cell)}]"]
    if isinstance(cell, str) and cell.strip().startswith(_CELL_OPERATORS):
        parts = [part.strip() for part in cell.split(" and ")]
        if not all(part.startswith(_CELL_OPERATORS) for part in parts):
            raise ValueError(f"单元格“{cell}”里每一段都要以比较符开头")
        return [f"{subject} {part}" for part in parts]
    return [f"{subject} == {_quoted(cell)}"]


def _quoted(value: Any) -> str:
    if isinstance(value, date):
        return f"date({value.year}, {value.month}, {value.day})"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    text = str(value)
    if "'" in text or "\\" in text or "\n" in text:
        raise ValueError(f"单元格“{text}”里不能有引号、反斜杠和换行")
    return f"'{text}'"
