"""Messages that did not arrive, each with a button to send it again; below them those that nobody answered."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from typing import Any

from nicegui import ui

from desk import frame
from desk.deps import DeskDeps
from desk.live import Live
from desk.parts import Part, Parts, button
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
        await _Undelivered(visit).live.begin()


class _Undelivered:
    """The list; a card and its button hold still while the others come and go."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.items: list[DeadLetter] = []
        self.unanswered: list[Unanswered] = []
        self.sent_again: Mapping[int, Sequence[SentAgain]] = {}
        self.parts = Parts()
        self.live = Live(self._look, self._show)

    async def _look(self) -> None:
        async with self.visit.reading() as tx:
            dead = tx.dead_letters(self.visit.asker)
            self.items = await dead.all()
            self.sent_again = await dead.sent_again([item.id for item in self.items])
            self.unanswered = await dead.unanswered()

    def _show(self) -> None:
        self.parts.show(self._parts())

    def _parts(self) -> Iterator[Part]:
        if not self.items and not self.unanswered:
            yield frame.nothing("none", TEXTS.say("undelivered.empty"))
        if self.items:
            yield frame.lead("undelivered", TEXTS.say("undelivered.lead"))
        for item in self.items:
            yield self._card(item)
        if self.unanswered:
            yield frame.lead("unanswered", TEXTS.say("unanswered.lead"))
        for one in self.unanswered:
            yield self._unanswered(one)

    def _card(self, item: DeadLetter) -> Part:
        sent_again = self.sent_again.get(item.id, ())
        too_late = item.not_after is not None and item.not_after < self.visit.deps.clock()
        return Part(
            ("undelivered", item.id),
            (item, sent_again, too_late),
            lambda: self._draw(item, sent_again, too_late=too_late),
            frame.card,
        )

    def _draw(self, item: DeadLetter, sent_again: Sequence[SentAgain], *, too_late: bool) -> None:
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(
                f"{_named(CAUSES, item.cause)} · {_named(CHANNELS, item.channel)} · {at(item.created_at)}"
            )
            ui.badge(OUTBOX_STATES[item.state]).props("outline")
        if self.visit.person.role is not Role.OPERATOR:  # operators see states, no company's data
            text = item.text or TEXTS.say("undelivered.unreadable")
            ui.label(text[:_SHOWN_CHARACTERS] + ("…" if len(text) > _SHOWN_CHARACTERS else "")).classes(
                "desk-words"
            )
        ui.label(f"编号{item.id}，已试{item.attempts}次。{item.error}").classes("desk-soft")
        for one in sent_again:
            ui.label(TEXTS.say("undelivered.by", name=one.by, at=at(one.at))).classes("desk-soft")
        if too_late and item.not_after is not None:
            ui.label(TEXTS.say("undelivered.too_late", at=at(item.not_after))).classes("desk-soft")
        else:
            button("重发", lambda: self._send_again(item), icon="replay", props="outline")

    def _unanswered(self, one: Unanswered) -> Part:
        def draw() -> None:
            with ui.row().classes("w-full items-center justify-between"):
                ui.label(f"来信 · {_named(CHANNELS, one.channel)} · {at(one.received_at)}")
                ui.badge(INBOX_STATES[one.state]).props("outline")
            ui.label(f"编号{one.id}。{one.error}").classes("desk-soft")
            button("重新处理", lambda: self._answer_again(one), icon="replay", props="outline")

        return Part(("unanswered", one.id), one, draw, frame.card)

    async def _send_again(self, item: DeadLetter) -> None:
        if item.state is OutboxState.UNKNOWN and not await frame.sure(
            "这条消息可能已经送达，重发后对方可能收到两遍。确定要重发吗？", "重发"
        ):
            return

        async def put_back() -> None:
            async with self.visit.writing() as tx:
                if not await tx.dead_letters(self.visit.asker).send_again(item.id, self.visit.deps.clock()):
                    raise RefusedError(TEXTS.say("undelivered.not_again"))

        await self._step(put_back(), "undelivered.again")

    async def _answer_again(self, one: Unanswered) -> None:
        async def put_back() -> None:
            async with self.visit.writing() as tx:
                if not await tx.dead_letters(self.visit.asker).answer_again(one.id):
                    raise RefusedError(TEXTS.say("unanswered.not_again"))

        await self._step(put_back(), "unanswered.again")

    async def _step(self, step: Awaitable[None], done: str) -> None:
        await self.visit.act(step, TEXTS.say(done))
        await self.live.now()


def _named(names: Mapping[Any, str], value: str) -> str:
    """Return the word for the value; the value itself where a newer version wrote it."""
    return names.get(value, value)
