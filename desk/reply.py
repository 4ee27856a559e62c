"""The box in which staff write to a client: the words, the files that go with them, and what is not yet sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import yaml
from nicegui import events, ui

from bot.handoff import staff
from bot.handoff.errors import NotYoursError
from desk.parts import Part, Parts, button
from desk.visit import RefusedError, Visit
from desk.words import TEXTS
from store.attachments import MAX_BYTES
from store.case_records import Case
from store.errors import TooLargeError
from store.records import Attachment, Person
from store.transaction import Transaction

TEMPLATES: Final[list[dict[str, str]]] = yaml.safe_load(
    (Path(__file__).parent / "reply_templates.yaml").read_text(encoding="utf-8")
)
Step = Callable[[Transaction, Case, Person], Awaitable[object]]
TakeStep = Callable[[Step, str], Awaitable[bool]]  # and the sentence when it is taken; whether it was


class Reply:
    """What one person writes in one case. The words outlive the page, the files its parts."""

    def __init__(self, visit: Visit, case_id: int, take: TakeStep) -> None:
        self._visit = visit
        self._case_id = case_id
        self._take = take
        self._files: list[Attachment] = []

    @property
    def words(self) -> str:
        """What is written and not sent."""
        return self._visit.deps.unsent.of(self._visit.person.id, self._case_id)

    @words.setter
    def words(self, text: str) -> None:
        self._visit.deps.unsent.keep(self._visit.person.id, self._case_id, text)

    def draw(self) -> None:
        """Draw the box with what is written so far."""
        self._box = (
            ui.textarea(label="回复客户", value=self.words)
            .bind_value_to(self, "words", forward=lambda value: str(value or ""))
            .props("outlined autogrow maxlength=2000")
            .classes("w-full")
        )
        with ui.row().classes("w-full items-center"):
            self._draw_templates()
            self._picker = ui.upload(auto_upload=True, max_file_size=MAX_BYTES, on_upload=self._attach)
            self._picker.classes("hidden").on("rejected", lambda: ui.notify(TEXTS.say("case.file_too_large")))
            ui.button(
                "附件", icon="attach_file", on_click=lambda: self._picker.run_method("pickFiles")
            ).props("flat")
            self._attached = Parts()
            self._show_files()

    def _draw_templates(self) -> None:
        def put(text: str) -> None:
            self._box.set_value(f"{self.words}\n{text}".lstrip())

        with ui.button("常用语", icon="expand_more").props("flat"), ui.menu():
            for template in TEMPLATES:
                text = template["text"].format(name=self._visit.person.name)
                ui.menu_item(template["title"], on_click=partial(put, text))

    async def send(self) -> None:
        """Send what is in the box, and empty it of what was sent."""
        text, files = self.words, tuple(self._files)

        async def say(tx: Transaction, case: Case, me: Person) -> None:
            await self._hand_over(tx, files, case)
            await staff.agent_says(tx, case, me, text, self._visit.deps.clock(), attachments=files)

        if await self._take(say, TEXTS.say("case.sent")):
            if self.words == text:  # and nothing was written meanwhile
                self._box.set_value("")
            self._files = [file for file in self._files if file not in files]
            self._show_files()
            self._picker.reset()

    async def _hand_over(self, tx: Transaction, files: Sequence[Attachment], case: Case) -> None:
        """Let the files be the owner's, so that they may open them."""
        for file in files:
            await tx.attachments(self._visit.asker).hand_to(file.id, case.person_id)

    async def _attach(self, event: events.UploadEventArguments) -> None:
        data = await event.file.read()

        async def keep() -> None:
            async with self._visit.writing() as tx:
                case = await tx.cases(self._visit.asker).get(self._case_id)
                if case.owner_id != self._visit.person.id:
                    raise NotYoursError(f"case {case.id}")
                # Nobody else's until it is sent: it may be the wrong file, and another company's.
                try:
                    kept = await tx.attachments(self._visit.asker).keep(
                        data,
                        event.file.name,
                        event.file.content_type or "application/octet-stream",
                        self._visit.person.id,
                        self._visit.deps.clock(),
                    )
                except TooLargeError:
                    raise RefusedError(TEXTS.say("case.file_too_large")) from None
            self._files.append(kept)
            self._show_files()

        await self._visit.act(keep(), TEXTS.say("case.attached", name=event.file.name))

    def _show_files(self) -> None:
        self._attached.show(Part(file.id, file, partial(self._draw_file, file)) for file in self._files)

    def _draw_file(self, file: Attachment) -> None:
        async def leave_out() -> None:
            self._files.remove(file)
            self._show_files()

        with ui.row().classes("items-center no-wrap"):
            ui.label(file.filename).classes("desk-soft desk-words")
            button("去掉", leave_out, props="flat dense")
