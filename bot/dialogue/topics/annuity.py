"""年费: the next annuity, or what to do about one that is late."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.goals.annuity import ANNUITY, KEPT, LATE, paid_on_said
from bot.dialogue.goals.deadline import TERM
from bot.dialogue.goals.work import begin
from bot.dialogue.replies.annuity import rate_parts
from bot.dialogue.right_types import IDS, PATENTS
from bot.dialogue.steps import step
from bot.dialogue.topics import faq
from bot.dialogue.topics.payments import paid, says_paid
from bot.dialogue.topics.plain_questions import plainly_asked
from bot.dialogue.topics.rights_meant import ask_which, rights_meant
from bot.dialogue.topics.said import asset_values, bad_number, patent_values, unusable_date, year_due_in
from bot.dialogue.topics.several import due, rights_said
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, asking_for, button, say
from rules.days import format_day
from rules.deadlines.errors import DeadlineInputError
from store.messages import CitationPart, Outgoing, TextPart, Verb
from store.records import Asset

_LATE = re.compile(r"(忘|漏|晚了|逾期|过期了|没交|未交|没缴|未缴|欠费|滞纳|缴费通知|催缴|补交|补缴|恢复)")
_TERM_ASKED = re.compile(
    r"保护到|保护期|保护几年|保护多少年|保护多久|能用到|还有效|有效期|期满|届满|过期了?[吗没]|到期了?[吗没]|失效"
    r"|(?:保护|算)\s?\d{2}年|\d{2}年还是\d{2}年"
)
_NOT_GRANTED = re.compile(
    r"(?:还|尚|仍|一直)?(?:没有?|未)(?:拿到|收到|被)?(?:授权(?![给他别对])|下证)|(?:还在|正在|仍在)审"
)
_OF_FEES = re.compile(r"年费|年金|[交缴费钱]")
_NAMED_YEAR = "年度"
REGISTRATION = "registration"
# Entries of the FAQ whose question asks for one's own annuity.
_OPENERS = frozenset({"annuity_fee.amount", "annuity_fee.when", "annuity_late.grace"})


@step("annuity: wish")
def fee(turn: Turn) -> Response:
    """Answer when the next annuity is due and what it costs; one that was forgotten is late."""
    if says_paid(turn):
        return paid(turn)
    if _NOT_GRANTED.search(turn.text):
        return _not_granted(turn) if _OF_FEES.search(turn.text) else faq.answer(turn)
    said = rights_said(turn)
    if said and (answer := due(turn, said)) is not None:
        return answer
    if answer := _plain(turn, "annuity_fee", ANNUITY) or _term(turn):
        return answer
    late_said = _LATE.search(turn.text) and _NAMED_YEAR not in patent_values(turn)
    return _begin(turn, LATE if late_said else ANNUITY)


@step("annuity: wish late")
def late(turn: Turn) -> Response:
    """Answer what a late annuity costs today, or how the patent is restored."""
    if says_paid(turn):
        return paid(turn)
    if _NOT_GRANTED.search(turn.text):
        return _not_granted(turn) if _OF_FEES.search(turn.text) else faq.answer(turn)
    return _plain(turn, "annuity_late", LATE) or _begin(turn, LATE)


@step("annuity: not granted")
def _not_granted(turn: Turn) -> Response:
    """Before the grant nothing is owed; the first annuity is paid when the patent is registered (专利法实施细则第60条)."""
    law = turn.world.knowledge.law
    row = law.kinds[REGISTRATION].rows[0]
    cited = tuple(map(str, law.cite(row.cites, row.confidence)))
    parts = (
        TextPart(text=say("annuity.not_granted")),
        CitationPart(citations=cited, as_of=format_day(turn.today)),
    )
    due = button(say("annuity.registration_button"), Verb.START, "kind", REGISTRATION)
    return Response(turn.conversation, (Outgoing(parts=parts, choices=(due, PERSON_BUTTON)),))


def _term(turn: Turn) -> Response | None:
    """还有效吗, 能保护到什么时候, with a day of filing: the last day of the term (专利法第42条)."""
    values = patent_values(turn)
    if "申请日" not in values or not _TERM_ASKED.search(turn.text) or "年费" in turn.text:
        return None
    kept = {name: values[name] for name in ("专利类型", "申请日") if name in values}
    return begin(turn, Goal(kind=GoalKind.DEADLINE, subject=TERM, values=kept, intent="annuity_fee"))


def _plain(turn: Turn, intent: str, subject: str) -> Response | None:
    if _NAMED_YEAR in patent_values(turn):
        return None
    own_case = asking_for(say("annuity.own_button"), say(f"topic.{intent}"))
    return plainly_asked(turn, intent, _OPENERS, own_case, (subject,))


def _begin(turn: Turn, subject: str) -> Response:
    values = patent_values(turn)
    if "申请日" in values:
        return _compute(turn, subject, {**_of_same(turn, values), **values})
    meant = rights_meant(turn, PATENTS)
    if len(meant) > 1:
        return ask_which(turn, meant, lambda asset, name: button(name, Verb.START, subject, str(asset.id)))
    if meant:
        values = {**asset_values(turn, meant[0]), **values}
    computed = _compute(turn, subject, values)
    return computed if meant or subject == LATE else computed.preceded_by(*_rate(turn, values))


def _rate(turn: Turn, values: Mapping[str, object]) -> tuple[Outgoing, ...]:
    """What a year's annuity costs is said before its day is asked for: 发明专利第9年多少钱."""
    kind, year = IDS.get(str(values.get("专利类型"))), values.get(_NAMED_YEAR)
    if kind is None or year is None:
        return ()
    try:
        parts = rate_parts(turn.world.knowledge.law, kind, int(str(year)), turn.today)
    except DeadlineInputError:
        return ()
    return (Outgoing(parts=parts),)


def _of_same(turn: Turn, values: dict[str, str]) -> dict[str, object]:
    """Return what is kept of the right that was filed on the same day, so that it is not offered to be kept again."""
    kind = IDS.get(values.get("专利类型", ""))
    for asset in turn.world.assets:
        if asset.right_type == kind and asset.dates.get("filing") == values["申请日"]:
            return asset_values(turn, asset)
    return {}


def of_kept_right(turn: Turn, subject: str, asset: Asset) -> Response:
    """Answer for a right of the list that a button names."""
    return _compute(turn, subject, asset_values(turn, asset))


def _compute(turn: Turn, subject: str, values: dict[str, object]) -> Response:
    intent = "annuity_late" if subject == LATE else "annuity_fee"
    due_in = year_due_in(turn, values.get("申请日"))
    if due_in is not None and _NAMED_YEAR not in values:
        values = {**values, _NAMED_YEAR: due_in}
    goal = Goal(kind=GoalKind.DEADLINE, subject=subject, values=values, intent=intent)
    goal = goal.model_copy(update={"values": {**values, **paid_on_said(turn, goal)}})
    unusable = None if KEPT in values or due_in is not None else unusable_date(turn)
    return begin(turn, goal, lead=bad_number(turn), unusable=unusable)
