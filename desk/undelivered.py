"""Messages that did not arrive, each with a button to send it again; below them those that nobody answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from desk import frame
from desk.deps import DeskDeps
from desk.visit import RefusedError, Visit, page
from desk.words import CAUSES, CHANNELS, INBOX_STATES, OUTBOX_STATES, TEXTS, at
from store.asker import Role
from store.dead_letters import DeadLetter, SentAgain, Unanswered
from store.records import OutboxState

_SHOWN_CHARACTERS = 80


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/undelivered", "未送达", frame.ALL)
    async def undelivered(visit: Visit, _: dict[str, Any]) -> None:
        ui.label("未送达的消息").classes("desk-title")

        @ui.refreshable
        async def shown() -> None:
            async with visit.reading() as tx:
                dead = tx.dead_letters(visit.asker)
                items = await dead.all()
                again = await dead.sent_again([item.id for item in items])
                unanswered = await dead.unanswered()
            if not items and not unanswered:
                frame.empty(TEXTS.say("undelivered.empty"))
                return
            if items:
                ui.label(TEXTS.say("undelivered.lead")).classes("desk-soft")
            for item in items:
                _card(visit, item, again.get(item.id, ()), shown.refresh)
            if unanswered:
                ui.label(TEXTS.say("unanswered.lead")).classes("desk-soft")
            for one in unanswered:
                _unanswered(visit, one, shown.refresh)

        await shown()


def _card(visit: Visit, item: DeadLetter, sent_again: Sequence[SentAgain], redraw: Any) -> None:
    async def again() -> None:
        if item.state is OutboxState.UNKNOWN and not await frame.sure(
            "这条消息可能已经送达，重发后对方可能收到两遍。确定要重发吗？", "重发"
        ):
            return

        async def put_back() -> None:
            async with visit.writing() as tx:
                if not await tx.dead_letters(visit.asker).send_again(item.id, visit.deps.clock()):
                    raise RefusedError(TEXTS.say("undelivered.not_again"))

        await visit.act(put_back(), TEXTS.say("undelivered.again"))
        redraw()

    with ui.card().classes("desk-card"):
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(
                f"{_named(CAUSES, item.cause)} · {_named(CHANNELS, item.channel)} · {at(item.created_at)}"
            )
            ui.badge(OUTBOX_STATES[item.state]).props("outline")
        if visit.person.role is not Role.OPERATOR:  # operators see states, no company's data
            text = item.text or TEXTS.say("undelivered.unreadable")
            ui.label(text[:_SHOWN_CHARACTERS] + ("…" if len(text) > _SHOWN_CHARACTERS else "")).classes(
                "desk-words"
            )
        ui.label(f"编号{item.id}，已试{item.attempts}次。{item.error}").classes("desk-soft")
        for once in sent_again:
            ui.label(TEXTS.say("undelivered.by", name=once.by, at=at(once.at))).classes("desk-soft")
        if item.not_after is not None and item.not_after < visit.deps.clock():
            ui.label(TEXTS.say("undelivered.too_late", at=at(item.not_after))).classes("desk-soft")
            return
        ui.button("重发", icon="replay", on_click=again).props("outline")


def _unanswered(visit: Visit, one: Unanswered, redraw: Any) -> None:
    async def again() -> None:
        async def put_back() -> None:
            async with visit.writing() as tx:
                if not await tx.dead_letters(visit.asker).answer_again(one.id):
                    raise RefusedError(TEXTS.say("unanswered.not_again"))

        await visit.act(put_back(), TEXTS.say("unanswered.again"))
        redraw()

    with ui.card().classes("desk-card"):
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(f"来信 · {_named(CHANNELS, one.channel)} · {at(one.received_at)}")
            ui.badge(INBOX_STATES[one.state]).props("outline")
        ui.label(f"编号{one.id}。{one.error}").classes("desk-soft")
        ui.button("重新处理", icon="replay", on_click=again).props("outline")


def _named(names: Mapping[Any, str], value: str) -> str:
    """Return the word for the value; the value itself where a newer version wrote it."""
    return names.get(value, value)
