"""The rule library: what is published, in words, with its sources."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from desk import frame
from desk.deps import DeskDeps
from desk.document_prose import in_words
from desk.drafts import edit_link
from desk.new_document import copy_as_new
from desk.revisions_page import notice
from desk.visit import Visit, page
from desk.words import TEXTS
from knowledge.base import KnowledgeBase
from rules.days import format_day
from rules.document import DecisionTable, RuleDocument, Score
from store.errors import NotVisibleError

Evaluated = RuleDocument | DecisionTable | Score
_FORMS = {RuleDocument: "规则", DecisionTable: "决策表", Score: "评分"}


def add(deps: DeskDeps) -> None:
    """Register the pages."""

    @page(deps, "/library", "规则库", frame.ALL)
    async def library(visit: Visit, _: dict[str, Any]) -> None:
        knowledge = visit.deps.knowledge()
        documents = sorted(knowledge.documents(), key=lambda document: (document.kind, document.title))
        ui.label("规则库").classes("desk-title")
        notice(visit)
        if not documents:
            frame.empty(TEXTS.say("library.empty"))
            return
        ui.label(TEXTS.say("library.lead", count=len(documents), hash=knowledge.hash[:12])).classes(
            "desk-soft"
        )
        wanted = (
            ui.input(placeholder="按名称、地区、标签查找").props("outlined dense clearable").classes("w-full")
        )

        @ui.refreshable
        def shown() -> None:
            found = [document for document in documents if matches(document, str(wanted.value or ""))]
            if not found:
                frame.empty("没有找到，换个词试试。")
            for document in found:
                _card(visit, document)

        wanted.on_value_change(shown.refresh)
        shown()

    @page(deps, "/rule/{rule_id}", "规则", frame.ALL)
    async def rule(visit: Visit, parameters: dict[str, Any]) -> None:
        knowledge = visit.deps.knowledge()
        try:
            document = knowledge.document(parameters["rule_id"])
        except KeyError:
            raise NotVisibleError(f"rule {parameters['rule_id']}") from None
        with ui.row().classes("items-center"):
            ui.button(icon="arrow_back", on_click=lambda: ui.navigate.to("/library")).props("flat round")
            ui.label(document.title).classes("desk-title")
        _details(visit, document, knowledge)


def matches(document: Evaluated, wanted: str) -> bool:
    """Return whether every word that was typed occurs in the document's head."""
    head = " ".join(
        (document.id, document.title, document.region, document.summary, *document.tags, *document.aliases)
    )
    return all(word.casefold() in head.casefold() for word in wanted.split())


def _card(visit: Visit, document: Evaluated) -> None:
    with ui.card().classes("desk-card link").on("click", lambda: ui.navigate.to(f"/rule/{document.id}")):
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(document.title).classes("text-bold")
            ui.badge(_FORMS[type(document)]).props("outline")
        ui.label(" · ".join(part for part in (document.region, document.owner, document.id) if part)).classes(
            "desk-soft"
        )
        if document.review_by < visit.deps.today():
            ui.label(TEXTS.say("library.overdue", day=format_day(document.review_by))).classes("desk-late")


def _details(visit: Visit, document: Evaluated, knowledge: KnowledgeBase) -> None:
    today = visit.deps.today()
    with ui.card().classes("desk-card"):
        frame.pair("编号", document.id)
        frame.pair("负责", document.owner)
        overdue = document.review_by < today
        frame.pair("复核", f"{format_day(document.review_by)}前", "desk-late" if overdue else "")
        if document.summary:
            frame.pair("摘要", document.summary)
    if isinstance(document, RuleDocument) and visit.person.role in frame.BUREAU:
        new = f"/broadcast/new?rule={document.id}"
        ui.button("用这条规则新建推送", icon="campaign", on_click=lambda: ui.navigate.to(new)).props(
            "outline"
        )
    if visit.deps.editorial is not None and visit.person.role in frame.BUREAU:
        path = knowledge.files[document.id].rpartition(":")[0]
        with ui.row():
            ui.button("修改", icon="edit", on_click=lambda: ui.navigate.to(edit_link(path)))
            ui.button("以此为样本新建", icon="content_copy", on_click=lambda: copy_as_new(visit, path)).props(
                "outline"
            )
    with ui.card().classes("desk-card"):
        ui.label(in_words(document, knowledge.facts)).classes("desk-words")
    with ui.card().classes("desk-card"):
        ui.label("来源").classes("text-bold")
        for source in document.sources.values():
            citation = source.citation()
            with ui.column().classes("w-full gap-0"):
                ui.label(str(citation)).classes("desk-words")
                fetched = f"，{format_day(citation.fetched)}查得" if citation.fetched else ""
                ui.label(f"{citation.url or '无网址'}{fetched}（可信度{citation.confidence}）").classes(
                    "desk-soft desk-words"
                )
    ui.label(f"文件：{knowledge.files.get(document.id, '')}").classes("desk-soft")
