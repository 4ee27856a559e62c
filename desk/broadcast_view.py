"""Pieces of the broadcast pages: counts and names of an audience, and the message as a phone shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from nicegui import ui

from desk import frame
from desk.visit import Visit
from desk.words import OUTBOX_STATES, TEXTS
from knowledge.base import KnowledgeBase
from scheduler.audience import audience
from scheduler.broadcasts import Audience, audience_of, rule_of
from scheduler.policy_message import compose
from store.broadcast_records import Broadcast, BroadcastState, Delivered, Draft, Fit, RecipientState
from store.messages import Outgoing
from store.outbox import UNDELIVERED
from store.records import OutboxState

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
    RecipientState.FAILED: "没写成",
    RecipientState.EXPIRED: "过了截止日",
    RecipientState.CANCELLED: "已取消",
}
FITS: Final[Mapping[Fit, str]] = {Fit.FITS: "符合", Fit.MAY_FIT: "可能符合", Fit.DOES_NOT_FIT: "不符合"}
NAMES_SHOWN: Final = 200
NAMELESS: Final = "未登记名称的企业"
_ON_ITS_WAY: Final = (OutboxState.PENDING, OutboxState.SENDING)
_TOLD_NAMES: Final = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """An audience with the companies' names: nothing else of a company is shown to the bureau."""

    audience: Audience
    names: Mapping[int, str]

    def named(self, company_ids: Iterable[int]) -> list[str]:
        """Return the names of these companies."""
        return [self.names.get(company_id) or NAMELESS for company_id in company_ids]


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


def outcome_of(item: Delivered) -> str:
    """Return what became of one recipient's message, in words."""
    if item.outcome is None:
        return RECIPIENTS[item.recipient.state]
    if (
        item.outcome is OutboxState.REFUSED
    ):  # a policy message belongs to no talk: only its time can have passed
        return RECIPIENTS[RecipientState.EXPIRED]
    return OUTBOX_STATES[item.outcome]


@dataclass(frozen=True, slots=True)
class Result:
    """Recipients of whom the same became. `what_next` says to the bureau what to do about it, empty for nothing."""

    label: str
    companies: tuple[str, ...]
    what_next: str

    @property
    def named(self) -> str:
        """Return how many companies they are, and which."""
        shown = "、".join(self.companies[:_TOLD_NAMES])
        more = "等" if len(self.companies) > _TOLD_NAMES else ""
        return f"{len(self.companies)}家：{shown}{more}"


@dataclass(frozen=True, slots=True)
class Results:
    """What became of a broadcast. `missed` are all whom it did not reach, or may not have, by why."""

    total: int
    sent: int
    on_its_way: int
    missed: tuple[Result, ...]
    any_undelivered: bool  # among them are messages that stand among those that did not arrive

    @property
    def told(self) -> str:
        """Return the whole in one sentence."""
        missed = sum(len(one.companies) for one in self.missed)
        key = "going" if self.on_its_way else "missed" if missed else "all"
        return TEXTS.say(
            f"broadcasts.result.{key}",
            total=self.total,
            sent=self.sent,
            going=self.on_its_way,
            missed=missed,
        )


def results_of(outcomes: Sequence[Delivered]) -> Results:
    """Return what became of the recipients, those whom it missed by why, the most first."""
    sent = sum(item.outcome is OutboxState.SENT for item in outcomes)
    missed: dict[str, list[Delivered]] = {}
    for item in outcomes:
        if item.outcome is not OutboxState.SENT and not _is_on_its_way(item):
            missed.setdefault(outcome_of(item), []).append(item)
    found = [
        Result(label, tuple(item.company_name or NAMELESS for item in items), _what_next(items[0]))
        for label, items in missed.items()
    ]
    return Results(
        total=len(outcomes),
        sent=sent,
        on_its_way=sum(map(_is_on_its_way, outcomes)),
        missed=tuple(sorted(found, key=lambda one: -len(one.companies))),
        any_undelivered=any(item.outcome in UNDELIVERED for item in outcomes),
    )


def draw_results(results: Results) -> None:
    """Draw how many it reached, whom it did not and why, and what to do about each."""
    with ui.card().classes("desk-card"):
        ui.label(results.told).classes("text-bold")
        for one in results.missed:
            frame.pair(one.label, one.named)
            ui.label(one.what_next).classes("desk-soft")
        if results.any_undelivered:
            ui.link(TEXTS.say("broadcasts.result.to_undelivered"), "/undelivered")


def _is_on_its_way(item: Delivered) -> bool:
    if item.outcome is None:
        return item.recipient.state is RecipientState.WAITING
    return item.outcome in _ON_ITS_WAY


def _what_next(item: Delivered) -> str:
    state = item.recipient.state if item.outcome is None else item.outcome
    return TEXTS.say(f"broadcasts.next.{state.value}")
