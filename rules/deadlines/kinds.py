"""The catalogue of kinds, and `compute`: one kind and its inputs to one cited deadline."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from rules.deadlines import wording
from rules.deadlines.calculators import CALCULATORS
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.inputs import read_inputs, shown
from rules.deadlines.placing import compute_counted
from rules.deadlines.result import Deadline
from rules.deadlines.schema import Calculator, InputSpec, InputType, Kind
from rules.deadlines.tables import LawTables


@dataclass(frozen=True)
class InputView:
    """One input of a kind, as a form or a help text shows it."""

    name: str
    label: str
    type: InputType
    required: bool
    one_of: tuple[str, ...]
    choices: dict[str, str]
    help: str


@dataclass(frozen=True)
class KindView:
    """One line of the catalogue."""

    id: str
    title: str
    domain: str
    inputs: tuple[InputView, ...]


def catalogue(tables: LawTables) -> tuple[KindView, ...]:
    """Return every kind with its inputs, in the order of the tables."""
    return tuple(
        KindView(kind.id, kind.title, kind.domain, tuple(_inputs(tables, kind)))
        for kind in tables.kinds.values()
    )


def _inputs(tables: LawTables, kind: Kind) -> Iterable[InputView]:
    for group in kind.inputs:
        names = group.rstrip("?").split("|")
        for name in names:
            spec: InputSpec = tables.inputs[name]
            others = tuple(names) if len(names) > 1 else ()
            yield InputView(
                name, spec.label, spec.type, not group.endswith("?"), others, dict(spec.choices), spec.help
            )


def kind_of(tables: LawTables, kind_id: str) -> Kind:
    """Return the kind. Raises `DeadlineInputError` with the nearest ids when there is none."""
    kind = tables.kinds.get(kind_id)
    if kind is None:
        close = difflib.get_close_matches(shown(kind_id), tables.kinds, n=3)
        near = f"，是不是：{'、'.join(close)}" if close else ""
        raise DeadlineInputError(
            "kind",
            wording.UNKNOWN_KIND.format(kind=shown(kind_id), near=near),
            f"unknown kind {shown(kind_id)!r}" + (f"; near: {', '.join(close)}" if close else ""),
        )
    return kind


def compute(tables: LawTables, kind_id: str, inputs: Mapping[str, object], as_of: date) -> Deadline:
    """Return the deadline of `kind_id` for `inputs` (text or typed values by name) as the law stands on `as_of`.

    Raises `DeadlineInputError` for anything missing, impossible or unknown: it never guesses.
    """
    kind = kind_of(tables, kind_id)
    values = read_inputs(tables, kind, inputs, as_of)
    if kind.calculator is not Calculator.COUNT:
        return CALCULATORS[kind.calculator](tables, kind, values, as_of)
    return compute_counted(tables, kind, values, as_of)
