"""All tables together, parsed from text and checked against each other. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import yaml

from rules.citation import Citation, Confidence
from rules.deadlines.calendar import HolidayCalendar, YearPlan, YearState, days_between
from rules.deadlines.errors import TableError
from rules.deadlines.fee_schema import AnnuitiesFile, CalendarYearFile, FeeItem, FeesFile, StatutoryFile
from rules.deadlines.schema import (
    InputsFile,
    InputSpec,
    Kind,
    KindsFile,
    Part,
    ServiceFile,
    ServiceRow,
    Source,
    SourcesFile,
)
from rules.deadlines.yaml_text import line_of, parse_model, read_mapping

_MODELS: Mapping[str, type[Part]] = {
    "kinds": KindsFile,
    "sources": SourcesFile,
    "inputs": InputsFile,
    "service": ServiceFile,
    "annuities": AnnuitiesFile,
    "fees": FeesFile,
    "calendar_year": CalendarYearFile,
    "statutory_days": StatutoryFile,
}
_SATURDAY = 5
# `served` in a kind's inputs stands for these: the paper's issue day, or the day it was really received.
SERVED_INPUTS = ("issue|received", "delivery?")


@dataclass(frozen=True)
class LawTables:
    """Every dated table that deadlines and fees are computed from."""

    sources: Mapping[str, Source]
    inputs: Mapping[str, InputSpec]
    order: tuple[tuple[str, str], ...]
    kinds: Mapping[str, Kind]
    service: tuple[ServiceRow, ...]
    annuities: AnnuitiesFile
    fees: Mapping[str, FeeItem]
    fee_groups: Mapping[str, tuple[str, ...]]
    holidays: HolidayCalendar
    checked: date = field(default=date.min)

    @classmethod
    def parse(cls, texts: Mapping[str, str]) -> LawTables:
        """Return the tables of `texts` (file name → YAML). Raises `TableError` naming file, line and field."""
        return _Builder().build(texts)

    def cite(self, references: Iterable[str], confidence: Confidence | None) -> tuple[Citation, ...]:
        """Return citations for references such as `IR 第115条` (source key, then the place in it)."""
        found = []
        for reference in references:
            key, _, article = reference.partition(" ")
            source = self.sources[key]
            found.append(
                Citation(
                    title=source.title,
                    article=article,
                    doc_no=source.doc_no,
                    url=source.url,
                    fetched=source.fetched,
                    confidence=confidence or Confidence.LOW,
                )
            )
        return tuple(found)


class _Builder:
    """Collects the files of one parse, then checks what they say of each other."""

    def __init__(self) -> None:
        self.files: list[tuple[str, Part, yaml.Node]] = []

    def build(self, texts: Mapping[str, str]) -> LawTables:
        for name in sorted(texts):
            document, node = read_mapping(name, texts[name])
            model = _MODELS.get(str(document.get("table")))
            if model is None:
                allowed = ", ".join(sorted(_MODELS))
                raise TableError(name, line_of(node, ["table"]), "table", f"must be one of: {allowed}")
            self.files.append((name, parse_model(name, model, document, node), node))
        inputs = self._only(InputsFile)
        annuities = self._only(AnnuitiesFile)
        sources = self._only(SourcesFile).sources
        fees = self._fees()
        groups = {key: ids for _, file, _ in self._all(FeesFile) for key, ids in file.groups.items()}
        kinds = self._kinds()
        tables = LawTables(
            sources=sources,
            inputs=inputs.inputs,
            order=inputs.order,
            kinds=kinds,
            service=self._only(ServiceFile).rows,
            annuities=annuities,
            fees=fees,
            fee_groups=groups,
            holidays=self._holidays(),
            checked=min([annuities.checked, *(file.checked for _, file, _ in self._all(FeesFile))]),
        )
        self._check_references(tables)
        return tables

    def _all(self, model: type[Any]) -> list[tuple[str, Any, yaml.Node]]:
        return [entry for entry in self.files if isinstance(entry[1], model)]

    def _only(self, model: type[Any]) -> Any:
        found = self._all(model)
        if len(found) != 1:
            name = found[1][0] if found else "(missing file)"
            raise TableError(name, 1, "table", f"exactly one {model.__name__} is needed, found {len(found)}")
        return found[0][1]

    def _kinds(self) -> dict[str, Kind]:
        kinds: dict[str, Kind] = {}
        for name, file, node in self._all(KindsFile):
            for index, kind in enumerate(file.kinds):
                if kind.id in kinds:
                    raise TableError(
                        name, line_of(node, ["kinds", index]), "id", f"{kind.id} is defined twice"
                    )
                kinds[kind.id] = _expand_served(kind)
        return kinds

    def _fees(self) -> dict[str, FeeItem]:
        fees: dict[str, FeeItem] = {}
        for name, file, node in self._all(FeesFile):
            for index, item in enumerate(file.items):
                if item.id in fees:
                    raise TableError(
                        name, line_of(node, ["items", index]), "id", f"{item.id} is defined twice"
                    )
                fees[item.id] = item.model_copy(update={"domain": item.domain or file.domain})
        return fees

    def _holidays(self) -> HolidayCalendar:
        entered = {}
        for name, file, node in self._all(CalendarYearFile):
            entered[file.year] = _entered_year(name, file, node)
        statutory: StatutoryFile = self._only(StatutoryFile)
        return HolidayCalendar(entered, {year: _statutory_year(statutory, year) for year in statutory.lunar})

    def _check_references(self, tables: LawTables) -> None:
        for name, file, node in self._all(KindsFile):
            for index, kind in enumerate(file.kinds):
                reason = _kind_fault(tables, tables.kinds[kind.id])
                if reason:
                    raise TableError(name, line_of(node, ["kinds", index]), f"kinds.{kind.id}", reason)
        for name, file, node in self._all(FeesFile):
            for index, item in enumerate(file.items):
                for row in item.rows:
                    reason = _cite_fault(tables, row.cites)
                    if not reason and row.unit and row.unit.input not in tables.inputs:
                        reason = f"unknown input {row.unit.input}"
                    if reason:
                        raise TableError(name, line_of(node, ["items", index]), f"items.{item.id}", reason)
            for group, ids in file.groups.items():
                for item_id in ids:
                    if item_id not in tables.fees:
                        raise TableError(
                            name, line_of(node, ["groups", group]), group, f"unknown fee {item_id}"
                        )


def _expand_served(kind: Kind) -> Kind:
    """Write out `served` among the inputs."""
    names: list[str] = []
    for name in kind.inputs:
        names.extend(SERVED_INPUTS if name == "served" else (name,))
    return kind.model_copy(update={"inputs": tuple(dict.fromkeys(names))})


def input_names(kind: Kind) -> tuple[str, ...]:
    """Return the plain names of the inputs of `kind`."""
    return tuple(name for group in kind.inputs for name in group.rstrip("?").split("|"))


def _cite_fault(tables: LawTables, cites: Iterable[str]) -> str:
    for reference in cites:
        if reference.partition(" ")[0] not in tables.sources:
            return f"unknown source in {reference!r}"
    return ""


def _kind_fault(tables: LawTables, kind: Kind) -> str:
    """Return what is wrong with the references of `kind`, or nothing."""
    names = input_names(kind)
    unknown = [name for name in names if name not in tables.inputs]
    if unknown:
        return f"unknown input {unknown[0]}"
    for row in kind.rows:
        counts = [
            *row.counts,
            *(m.count for m in row.milestones),
            *(c for c in (row.opens, row.grace_count) if c),
        ]
        for count in counts:
            missing = [name for name in count.starts if name not in names and name != "due"]
            if missing:
                return f"the count starts at {missing[0]}, which is not among the inputs"
        for name in row.when:
            if name not in names:
                return f"`when` names {name}, which is not among the inputs"
        for fee in row.fees:
            if fee not in tables.fees and fee not in tables.fee_groups:
                return f"unknown fee {fee}"
        if not row.unknown and (not row.cites or row.confidence is None):
            return "a row has cites and a confidence, or says in `unknown` why no day is given"
        fault = _cite_fault(tables, row.cites)
        if fault:
            return fault
    return ""


def _entered_year(name: str, file: CalendarYearFile, node: yaml.Node) -> YearPlan:
    off: set[date] = set()
    for index, (first, last) in enumerate(file.breaks):
        # A break may begin in the last days of the year before (元旦).
        if last < first or first.year not in (file.year - 1, file.year) or last.year != file.year:
            line = line_of(node, ["breaks", index])
            raise TableError(name, line, f"breaks.{index}", f"a break is [first, last] within {file.year}")
        off.update(day for day in days_between(first, last) if day.year == file.year)
    for index, day in enumerate(file.make_up):
        if day.year != file.year or day.weekday() < _SATURDAY or day in off:
            line = line_of(node, ["make_up", index])
            reason = f"a make-up working day is a Saturday or Sunday of {file.year} that is not off"
            raise TableError(name, line, f"make_up.{index}", reason)
    weekdays = frozenset(day for day in off if day.weekday() < _SATURDAY)
    return YearPlan(file.year, weekdays, frozenset(file.make_up), YearState.FINAL, source=file.notice)


def _statutory_year(table: StatutoryFile, year: int) -> YearPlan:
    def spread(offsets: Mapping[str, tuple[int, int]]) -> set[date]:
        return {
            day
            for festival, (first, last) in offsets.items()
            for day in days_between(
                table.lunar[year][festival] + timedelta(days=first),
                table.lunar[year][festival] + timedelta(days=last),
            )
        }

    def fixed(days: Iterable[str]) -> set[date]:
        return {date(year, int(text[:2]), int(text[3:])) for text in days}

    off = fixed(table.fixed) | spread(table.statutory_offsets)
    usual = fixed(table.usual_fixed) | spread(table.usual_offsets)
    return YearPlan(
        year,
        frozenset(day for day in off if day.weekday() < _SATURDAY),
        frozenset(),
        YearState.PROVISIONAL,
        usual_off=frozenset(usual),
        source="; ".join(table.cites),
    )
