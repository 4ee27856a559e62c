"""Rows that cannot be read: written by a newer version, or damaged by hand. One of them never keeps the others waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ValidationError
from sqlalchemy import Row

log = structlog.get_logger()

_R = TypeVar("_R", bound=BaseModel)
_FIELDS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is no `Record`. `error` names the fields, for an operator; what stands in them is not repeated."""

    row_id: int
    error: str


def sort_out(record: type[_R], rows: Iterable[Any]) -> tuple[list[_R], list[Unreadable]]:
    """Return the rows that can be read, in their order, and what is wrong with the others."""
    readable: list[_R] = []
    unreadable: list[Unreadable] = []
    for row in rows:
        try:
            readable.append(record.model_validate(dict(row._mapping) if isinstance(row, Row) else row))
        except ValidationError as error:
            unreadable.append(Unreadable(row.id, named_fields(error)))
    return readable, unreadable


def readable(record: type[_R], rows: Iterable[Any]) -> list[_R]:
    """Return the rows that can be read; of the others an operator is told."""
    found, unreadable = sort_out(record, rows)
    report(record, unreadable)
    return found


def readable_one(record: type[_R], row: Any) -> _R | None:
    """Return the row; None where there is none or it cannot be read, of which an operator is told."""
    return next(iter(readable(record, [] if row is None else [row])), None)


def readable_without(
    record: type[_R], row: Any, blank: Mapping[str, Any], check: Callable[[_R], object] = lambda _: None
) -> _R:
    """Return the row; one that cannot be read with the fields of `blank` as they stand there, of which an operator is told.

    `check` reads what stands within its fields. Raises ValidationError where something else of it cannot be read.
    """
    try:
        read = record.model_validate(row)
        check(read)
        return read
    except ValidationError as error:
        report(record, [Unreadable(row.id, named_fields(error))])
        values = {name: getattr(row, name) for name in record.model_fields} | dict(blank)
        return record.model_validate(values)


def report(record: type[BaseModel], unreadable: Sequence[Unreadable]) -> None:
    """Tell an operator which rows cannot be read, and why."""
    for one in unreadable:
        log.error("a row cannot be read", record=record.__name__, row_id=one.row_id, error=one.error)


def named_fields(error: ValidationError) -> str:
    """Return the fields that do not fit, each with why, without what was found in them."""
    problems = [
        f"{'.'.join(map(str, one['loc'])) or 'the whole'}: {one['type']}"
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    more = f" and {len(problems) - _FIELDS_NAMED} more" if len(problems) > _FIELDS_NAMED else ""
    return "unreadable: " + "; ".join(problems[:_FIELDS_NAMED]) + more
