"""Links for posters, leaflets and articles: make one, copy it for each channel, see how many people came by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from bot.deep_links import for_campaign
from bot.dialogue.turn import TEXTS as DIALOGUE
from desk import frame
from desk.deps import DeskDeps
from desk.parts import button
from desk.visit import RefusedError, Visit, page
from desk.words import CHANNELS, TEXTS, at
from store.bindings import OWNERS_CHANNELS
from store.campaigns import SLUG, SLUG_LENGTH, Counted, SlugError

_TOPIC = "topic."


def topics() -> Mapping[str, str]:
    """Return what a link can ask in the owner's place, by intent; the first only greets."""
    asked = {
        key.removeprefix(_TOPIC): DIALOGUE.say(key)
        for key in sorted(DIALOGUE.keys())
        if key.startswith(_TOPIC)
    }
    return {"": TEXTS.say("campaigns.greets"), **asked}


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/campaigns", "推广链接", frame.BUREAU)
    async def campaigns(visit: Visit, _: dict[str, Any]) -> None:
        ui.label("推广链接").classes("desk-title")
        ui.label(TEXTS.say("campaigns.lead")).classes("desk-soft")

        @ui.refreshable
        async def shown() -> None:
            async with visit.reading() as tx:
                counted = await tx.campaigns.counted()
            if not counted:
                frame.empty(TEXTS.say("campaigns.empty"))
            for each in counted:
                _card(visit, each, shown.refresh)

        _form(visit, shown.refresh)
        await shown()


def _form(visit: Visit, redraw: Any) -> None:
    with ui.card().classes("desk-card"):
        title = ui.input("名称（客户会看到）").props("outlined maxlength=100").classes("w-full")
        slug = ui.input("链接里的编号").props(f"outlined maxlength={SLUG_LENGTH}").classes("w-full")
        ui.label(TEXTS.say("campaigns.slug_hint")).classes("desk-soft")
        topic = (
            ui.select(dict(topics()), value="", label="打开后先问什么").props("outlined").classes("w-full")
        )

        async def make() -> None:
            async def keep() -> None:
                name, code = str(title.value or "").strip(), str(slug.value or "").strip().lower()
                if not name:
                    raise RefusedError(TEXTS.say("campaigns.no_title"))
                if not SLUG.fullmatch(code):
                    raise RefusedError(TEXTS.say("campaigns.slug_wrong"))
                try:
                    async with visit.writing() as tx:
                        await tx.campaigns.add(
                            code, name, str(topic.value or ""), visit.person.id, visit.deps.clock()
                        )
                except SlugError as error:
                    raise RefusedError(TEXTS.say("campaigns.slug_taken", slug=code)) from error

            if await visit.act(keep(), TEXTS.say("campaigns.made")):
                title.value = slug.value = ""
                redraw()

        button("生成链接", make, icon="add_link")


def _card(visit: Visit, counted: Counted, redraw: Any) -> None:
    campaign = counted.campaign

    async def switch() -> None:
        async def change() -> None:
            async with visit.writing() as tx:
                await tx.campaigns.end(campaign.id, not campaign.ended)

        await visit.act(change(), TEXTS.say("campaigns.reopened" if campaign.ended else "campaigns.ended"))
        redraw()

    with ui.card().classes("desk-card"):
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(campaign.title).classes("text-bold")
            if campaign.ended:
                ui.badge("已结束").props("outline")
        people = TEXTS.say("campaigns.people", people=counted.people, new=counted.new)
        ui.label(f"{people} {at(campaign.created_at)}").classes("desk-soft")
        ui.label(topics().get(campaign.topic, campaign.topic)).classes("desk-words")
        for channel in sorted(OWNERS_CHANNELS):
            link = visit.deps.doors.link(channel, for_campaign(campaign.slug))
            if link:
                frame.pair(CHANNELS[channel], link)
        button("重新打开" if campaign.ended else "结束", switch, props="flat")
