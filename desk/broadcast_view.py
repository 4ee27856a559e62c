"""Pieces of the broadcast pages: counts and names of an audience, and the message as a phone shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from nicegui import ui

from desk import frame
from desk.visit import Visit
from knowledge.base import KnowledgeBase
from scheduler.audience import audience
from scheduler.broadcasts import Audience, audience_of, rule_of
from scheduler.policy_message import compose
from store.broadcast_records import Broadcast, BroadcastState, Draft, Fit, RecipientState
from store.messages import Outgoing

STATES: Final[Mapping[BroadcastState, str]] = {
    BroadcastState.DRAFT: "草稿",
    BroadcastState.SUBMITTED: "待审批",
    BroadcastState.APPROVED: "已批准",
    BroadcastState.SENDING: "发送中",
    BroadcastState.PAUSED: "已暂停",
    BroadcastState.DONE: "已发完",
    BroadcastState.CANCELLED: "已取消",
}
RECIPIENTS: Final[Mapping[RecipientState, str]] = {
    RecipientState.WAITING: "待发送",
    RecipientState.WRITTEN: "已写入",
    RecipientState.UNSUBSCRIBED: "已退订",
    RecipientState.UNREACHABLE: "收不到",
    RecipientState.EXPIRED: "过了截止日",
    RecipientState.CANCELLED: "已取消",
}
FITS: Final[Mapping[Fit, str]] = {Fit.FITS: "符合", Fit.MAY_FIT: "可能符合", Fit.DOES_NOT_FIT: "不符合"}
NAMES_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Counted:
    """An audience with the companies' names: nothing else of a company is shown to the bureau."""

    audience: Audience
    names: Mapping[int, str]

    def named(self, company_ids: Iterable[int]) -> list[str]:
        """Return the names of these companies."""
        return [self.names.get(company_id) or "未登记名称的企业" for company_id in company_ids]


async def count(visit: Visit, draft: Draft) -> Counted:
    """Return who would get the draft today. Raises UnknownRuleError."""
    async with visit.reading() as tx:
        found = await audience_of(tx, draft, visit.deps.knowledge(), visit.deps.clock())
        names = {company.id: company.name for company in await tx.people.companies()}
    return Counted(found, names)


def draw_counts(counted: Counted) -> None:
    """Draw how many fit, may fit, do not fit, cannot be reached, each with the names."""
    members = counted.audience.members
    groups = {
        **{FITS[fit]: [one.company_id for one in members if one.fit is fit] for fit in Fit},
        "收不到": sorted(counted.audience.unreachable),
        "已退订": sorted(counted.audience.unsubscribed),
    }
    with ui.element("div").classes("desk-counts"):
        for label, companies in groups.items():
            with ui.card().classes("desk-card"):
                ui.label(f"{len(companies):,}").classes("desk-number")
                ui.label(label).classes("desk-soft")
    for label, companies in groups.items():
        if companies:
            with ui.expansion(f"{label}的企业（{len(companies)}）").classes("w-full"):
                ui.label("、".join(counted.named(companies[:NAMES_SHOWN]))).classes("desk-words")
                if len(companies) > NAMES_SHOWN:
                    ui.label(f"另有{len(companies) - NAMES_SHOWN}家").classes("desk-soft")


def samples(broadcast: Broadcast, knowledge: KnowledgeBase, today: date) -> list[tuple[str, Outgoing]]:
    """Return the message as companies would read it, made for a company of which nothing is known.

    No real company is used: its own amount is not the bureau's to see. Empty when the rule is not in force.
    Raises UnknownRuleError.
    """
    rule = rule_of(broadcast.draft(), knowledge)
    (member,) = audience(rule, knowledge.facts, [0], {}, today)
    shown = broadcast.model_copy(update={"as_of": today})
    if rule is None:
        return [("每家企业会看到", compose(shown, Fit.FITS, {}, ""))]
    if member.fit is Fit.DOES_NOT_FIT:
        return []
    known = {**member.detail, "missing": ()}
    found = [("符合的企业会看到（金额按各家情况计算）", compose(shown, Fit.FITS, known, ""))]
    if broadcast.include_may_fit:
        found.append(("可能符合的企业会看到", compose(shown, Fit.MAY_FIT, member.detail, "")))
    return found


def draw_samples(found: list[tuple[str, Outgoing]]) -> None:
    """Draw the messages as bubbles on a phone."""
    if not found:
        frame.empty("这条规则今天不在有效期或申报窗口内，没有企业会收到。")
    for label, outgoing in found:
        ui.label(label).classes("desk-soft")
        with ui.column().classes("desk-phone"):
            ui.label(outgoing.plain_text()).classes("desk-bubble")
            with ui.row():
                for choice in outgoing.choices:
                    ui.badge(choice.text).props("outline")
