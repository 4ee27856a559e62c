"""Pieces that show an edit to those who judge it: what is wrong, what differs in words, which companies it moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nicegui import ui

from desk import frame
from desk.editorial import Checked
from desk.impact import Moved, impact
from desk.visit import Visit
from desk.words import TEXTS
from knowledge.base import KnowledgeBase
from knowledge.diff import Change, FieldChange, Line, fields_changed, lines_changed, prose_changed
from knowledge.problems import Problem
from rules.wellformed import check_facts
from store.asker import SYSTEM

NAMES_SHOWN: Final = 100
UNNAMED: Final = "未登记名称的企业"


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything that is shown of an edit."""

    checked: Checked
    fields: tuple[FieldChange, ...]
    lines: tuple[Line, ...]
    prose: Mapping[str, tuple[Line, ...]]
    moved: tuple[Moved, ...]
    names: Mapping[int, str]


async def judge(visit: Visit, path: str, text: str, *, whole: bool = False) -> Judged:
    """Return what an edit comes to; `whole` checks the whole content, not only what may have changed."""
    editorial, today = visit.editorial, visit.deps.today()
    async with visit.reading() as tx:
        # Only results leave this function: the bureau sees no company's facts.
        known = await tx.facts(SYSTEM).of_all()
        names = {company.id: company.name for company in await tx.people.companies()}

    def work() -> Judged:
        checked = editorial.check_whole(path, text, today) if whole else editorial.check(path, text)
        published = checked.before.documents.get(path, "")
        prose: dict[str, tuple[Line, ...]] = {}
        moved: tuple[Moved, ...] = ()
        if checked.content is not None:
            before, after = checked.before.knowledge, checked.content.knowledge
            prose = {name: prose_changed(before, after, name) for name in checked.affected}
            computable = [name for name in checked.affected if _is_computable(after, name)]
            moved = impact(before, after, computable, list(names), known, today)
        return Judged(
            checked, fields_changed(published, text), lines_changed(published, text), prose, moved, names
        )

    return await asyncio.to_thread(work)


def _is_computable(knowledge: KnowledgeBase, name: str) -> bool:
    """Return whether the document, if it is there, only uses facts that there are and as what they are."""
    try:
        return not check_facts(knowledge.document(name), knowledge.facts)
    except KeyError:
        return True


def draw_judged(judged: Judged, path: str, show_line: Callable[[int], object] | None = None) -> None:
    """Draw the whole of it. `show_line` leads to a line of the text where there is an editor."""
    _draw_problems(judged.checked, path, show_line)
    draw_changes(judged.fields, judged.lines)
    _draw_prose(judged.prose)
    _draw_moved(judged)


def _draw_problems(checked: Checked, path: str, show_line: Callable[[int], object] | None) -> None:
    with ui.card().classes("desk-card"):
        ui.label("检查").classes("text-bold")
        if checked.sound:
            ui.label(TEXTS.say("drafts.sound"))
            return
        ui.label(f"有{len(checked.problems)}处要改").classes("desk-late")
        text = checked.documents.get(path, "").splitlines()
        for problem in checked.problems[:20]:
            _draw_problem(problem, path, text, show_line)


def _draw_problem(
    problem: Problem, path: str, text: Sequence[str], show_line: Callable[[int], object] | None
) -> None:
    here = problem.file == path
    place = f"第{problem.line}行第{problem.column}字" if here else f"{problem.file} 第{problem.line}行"
    with ui.column().classes("desk-problem gap-0") as box:
        ui.label(f"{place}　{problem.field}").classes("desk-soft")
        ui.label(problem.message + (f"（建议：{problem.mend}）" if problem.mend else "")).classes(
            "desk-words"
        )
        if here and 0 < problem.line <= len(text):
            ui.label(text[problem.line - 1].strip()[:160]).classes("desk-code")
    if here and show_line is not None:
        box.on("click", lambda: show_line(problem.line))


def draw_changes(fields: Sequence[FieldChange], lines: Sequence[Line]) -> None:
    """Draw what differs, value by value; line by line where the text cannot be read."""
    with ui.card().classes("desk-card"):
        ui.label("改了什么").classes("text-bold")
        if not lines:
            ui.label(TEXTS.say("drafts.same")).classes("desk-soft")
        for one in fields[:60]:
            ui.label(one.where).classes("desk-soft desk-words")
            with ui.column().classes("desk-diff"):
                if one.before is not None:
                    ui.label(one.before).classes("removed")
                if one.after is not None:
                    ui.label(one.after).classes("added")
        if len(fields) > 60:
            ui.label(f"另有{len(fields) - 60}处，请看全文比较。").classes("desk-soft")
        if lines:
            with ui.expansion("全文比较").classes("w-full"):
                _draw_lines(lines)


def _draw_lines(lines: Sequence[Line]) -> None:
    with ui.column().classes("desk-diff"):
        for line in lines[:400]:
            ui.label(line.text or " ").classes(line.change.value)


def _draw_prose(prose: Mapping[str, Sequence[Line]]) -> None:
    for name, lines in prose.items():
        with ui.card().classes("desk-card"):
            ui.label(f"规则读起来的变化（{name}）").classes("text-bold")
            if not any(line.change in (Change.ADDED, Change.REMOVED) for line in lines):
                ui.label(TEXTS.say("drafts.prose_same")).classes("desk-soft")
            _draw_lines(lines)


def _draw_moved(judged: Judged) -> None:
    if judged.checked.content is None:
        return
    with ui.card().classes("desk-card"):
        ui.label("哪些企业的结果会变").classes("text-bold")
        if not judged.moved:
            ui.label(TEXTS.say("drafts.not_evaluated")).classes("desk-soft")
            return
        if not judged.names:
            frame.empty(TEXTS.say("drafts.no_company"))
            return
        ui.label(TEXTS.say("drafts.impact_lead")).classes("desk-soft")
        for moved in judged.moved:
            ui.label(moved.title).classes("text-bold")
            if not moved.companies:
                ui.label(TEXTS.say("drafts.nobody_moves", count=moved.counted)).classes("desk-soft")
            for (was, becomes), companies in moved.companies.items():
                with ui.expansion(f"{was} → {becomes}（{len(companies)}家）", value=True).classes("w-full"):
                    shown = [judged.names.get(one) or UNNAMED for one in companies[:NAMES_SHOWN]]
                    more = len(companies) - len(shown)
                    ui.label("、".join(shown) + (f"，另有{more}家" if more else "")).classes("desk-words")
