"""Write a broadcast: pick a rule or write a text, see whom it fits and how it reads."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from nicegui import ui
from pydantic import ValidationError

from desk import frame
from desk.broadcast_view import Counted, count, draw_counts, draw_samples, samples
from desk.deps import DeskDeps
from desk.parts import button
from desk.visit import WRITING, RefusedError, Visit, page
from desk.words import TEXTS
from rules.days import NINGBO
from store.broadcast_records import Broadcast, BroadcastState, Draft


def add(deps: DeskDeps) -> None:
    """Register the pages."""

    @page(deps, "/broadcast/new", "新建推送", frame.BUREAU, patience=WRITING)
    async def new(visit: Visit, parameters: dict[str, Any]) -> None:
        rule_id = parameters.get("rule")
        known = rule_id if rule_id in visit.deps.knowledge().rules else None
        title = visit.deps.knowledge().rules[known].title if known else ""
        _Form(visit, Draft.model_construct(title=title, rule_id=known), None).draw()

    @page(deps, "/broadcast/{broadcast_id:int}/edit", "修改推送", frame.BUREAU, patience=WRITING)
    async def edit(visit: Visit, parameters: dict[str, Any]) -> None:
        async with visit.reading() as tx:
            broadcast = await tx.broadcasts(visit.asker).get(parameters["broadcast_id"])
        _Form(visit, broadcast.draft(), broadcast).draw()


def day_begins(text: str | None) -> datetime | None:
    """Return the first instant of a day typed as `2026-11-20`, Ningbo time; None where none is typed."""
    return datetime.combine(_day(text), time(), NINGBO) if text else None


def day_ends(text: str | None) -> datetime | None:
    """Return the instant at which the typed day is over, Ningbo time."""
    return datetime.combine(_day(text) + timedelta(days=1), time(), NINGBO) if text else None


def last_day(ends: datetime) -> date:
    """Return the typed day that is over at `ends`."""
    return (ends - timedelta(seconds=1)).astimezone(NINGBO).date()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError(f"没有“{text}”这一天，请重新选择日期。") from None


class _Form:
    """The form and what it shows beside it."""

    def __init__(self, visit: Visit, draft: Draft, broadcast: Broadcast | None) -> None:
        self.visit = visit
        self.draft = draft
        self.broadcast = broadcast
        self.counted: Counted | None = None

    def draw(self) -> None:
        draft = self.draft
        rules = {rule.id: rule.title for rule in self.visit.deps.knowledge().rules.values()}
        with ui.element("div").classes("desk-columns"):
            with ui.card().classes("desk-card"):
                ui.label("修改推送" if self.broadcast else "新建推送").classes("desk-title")
                if self.broadcast is not None and self.broadcast.state is not BroadcastState.DRAFT:
                    ui.label("保存后要重新提交审批。").classes("desk-near")
                self.title = (
                    ui.input("标题", value=draft.title).props("outlined maxlength=200").classes("w-full")
                )
                self.rule = (
                    ui.select(
                        rules,
                        label="按哪条规则（可不选）",
                        value=draft.rule_id,
                        with_input=True,
                        clearable=True,
                    )
                    .props("outlined")
                    .classes("w-full")
                )
                self.text = (
                    ui.textarea("正文（选了规则时放在规则答案上面）", value=draft.text)
                    .props("outlined autogrow maxlength=4000")
                    .classes("w-full")
                )
                self.may_fit = ui.switch("也发给资料不全、可能符合的企业", value=draft.include_may_fit)
                self.begin = self._date("最早哪天发（可不填）", draft.not_before)
                last = draft.not_after - timedelta(seconds=1) if draft.not_after else None
                self.end = self._date("最晚哪天发（可不填）", last)
                with ui.row():
                    button("看看适合哪些企业", self._look, icon="groups")
                    button("保存草稿", self._save, icon="save", props="outline")
            self.shown = ui.refreshable(self._draw_result)
            with ui.column().classes("w-full"):
                self.shown()

    def _date(self, label: str, value: datetime | None) -> ui.input:
        shown = value.astimezone(NINGBO).date().isoformat() if value else ""
        return ui.input(label, value=shown).props("type=date outlined stack-label").classes("w-full")

    def _written(self) -> Draft:
        """Return what stands in the form. Raises RefusedError with the sentence to show."""
        try:
            draft = Draft(
                title=str(self.title.value or "").strip(),
                rule_id=self.rule.value or None,
                text=str(self.text.value or "").strip(),
                include_may_fit=bool(self.may_fit.value),
                not_before=day_begins(self.begin.value),
                not_after=day_ends(self.end.value),
            )
        except ValidationError:
            raise RefusedError("请先写标题（200字以内），正文不超过4000字。") from None
        if draft.rule_id is None and not draft.text:
            raise RefusedError("请先选一条规则，或者写一段正文。")
        if draft.not_before and draft.not_after and draft.not_after <= draft.not_before:
            raise RefusedError("最晚发送日不能早于最早发送日。")
        if draft.not_after and draft.not_after <= self.visit.deps.clock():
            raise RefusedError(TEXTS.say("broadcasts.past"))
        return draft

    async def _look(self) -> None:
        async def look() -> None:
            self.draft = self._written()
            self.counted = await count(self.visit, self.draft)

        if await self.visit.act(look()):
            self.shown.refresh()

    def _draw_result(self) -> None:
        if self.counted is None:
            frame.empty("写好后点“看看适合哪些企业”，这里会显示数量、名单和手机上的样子。")
            return
        draw_counts(self.counted)
        now = self.visit.deps.clock()
        shown = Broadcast(
            **self.draft.model_dump(),
            id=0,
            state=BroadcastState.DRAFT,
            author_id=self.visit.person.id,
            approver_id=None,
            revision="",
            as_of=None,
            content_hash="",
            audience_hash="",
            note="",
            created_at=now,
            updated_at=now,
        )
        draw_samples(samples(shown, self.visit.deps.knowledge(), self.visit.deps.today()))

    async def _save(self) -> None:
        saved: list[int] = []

        async def save() -> None:
            draft = self._written()
            now, me = self.visit.deps.clock(), self.visit.person.id
            async with self.visit.writing() as tx:
                broadcasts = tx.broadcasts(self.visit.asker)
                kept = (
                    await broadcasts.create(draft, me, now)
                    if self.broadcast is None
                    else await broadcasts.edit(self.broadcast.id, draft, me, now)
                )
                saved.append(kept.id)

        if await self.visit.act(save(), TEXTS.say("broadcasts.saved")):
            ui.navigate.to(f"/broadcast/{saved[0]}")
