"""What an inbox row and an outbox row hold: messages that know no channel.

A channel turns its vendor's update into an `Incoming`, and an `Outgoing` into its vendor's call. Both stand in `store`
because the conversation (`bot`) and the clock (`scheduler`) write to the same outbox without knowing each other.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from store.sources import by_source


class Channel(StrEnum):
    """Where a message comes from or goes to."""

    WEB = "web"  # our own page
    TERMINAL = "terminal"  # `zhituo chat`
    TELEGRAM = "telegram"  # private chat
    TELEGRAM_FORUM = "telegram_forum"  # an agency's group, one topic a case
    WECOM = "wecom"  # members: agency and bureau
    WECOM_KF = "wecom_kf"  # 微信客服: owners
    EMAIL = "email"  # out only
    DESK = "desk"  # the staff's web desk


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Verb(StrEnum):
    """What a button asks for. The dialogue reads it; channels only carry it."""

    SAY = "say"  # as if the person had typed `value`
    ANSWER = "answer"  # answers the open question about fact `about` with `value`
    DECLINE = "decline"  # 不清楚: do not ask fact `about` again in this goal
    WHY = "why"  # 为什么问这个
    START = "start"  # begin goal `about`
    CONFIRM = "confirm"  # yes to the step named in `about`
    CANCEL = "cancel"  # leave the current goal
    PAID = "paid"  # 已缴费, obligation id in `about`
    SEEN = "seen"  # 知道了: silences one rung
    LATER = "later"  # 以后再说: reminds again on `value`
    GIVE_UP = "give_up"  # 放弃这件, first step; the second comes as CONFIRM
    OPEN = "open"  # show what `about` names (an FAQ, a rule, an asset)
    HUMAN = "human"  # 转人工
    RETURN = "return"  # take the chat back from a person to the bot
    CASE = "case"  # staff: the step named in `value` on case `about`


class Action(_Frozen):
    """What pressing a button means. `about` and `value` are read by the verb's handler."""

    verb: Verb
    about: str = ""
    value: str = ""


class Choice(_Frozen):
    """One button: what it says and what it does."""

    text: str
    action: Action


class TextPart(_Frozen):
    kind: Literal["text"] = "text"
    text: str


class CardPart(_Frozen):
    """A titled list of label and value: the shape of most computed answers."""

    kind: Literal["card"] = "card"
    title: str
    lines: tuple[tuple[str, str], ...] = ()
    note: str = ""


class TablePart(_Frozen):
    kind: Literal["table"] = "table"
    title: str = ""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class ChartPart(_Frozen):
    """A picture of numbers. `alt` says the same in words for those who cannot see it."""

    kind: Literal["chart"] = "chart"
    shape: Literal["radar", "bar", "line"]
    title: str
    labels: tuple[str, ...]
    values: tuple[float, ...]
    unit: str = ""
    alt: str


class DocumentPart(_Frozen):
    """A file kept in `store.attachments`."""

    kind: Literal["document"] = "document"
    attachment_id: int
    filename: str
    media_type: str


class CitationPart(_Frozen):
    """What an answer rests on: shown last. `as_of` is the day the answer is true for."""

    kind: Literal["citations"] = "citations"
    citations: tuple[str, ...]
    as_of: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the citations as they are shown: a line a source."""
        return by_source(self.citations)


Part = Annotated[
    TextPart | CardPart | TablePart | ChartPart | DocumentPart | CitationPart, Field(discriminator="kind")
]


class Outgoing(_Frozen):
    """One message to a person. Channels draw the parts in order and the choices as buttons below them."""

    parts: tuple[Part, ...]
    choices: tuple[Choice, ...] = ()
    intent: str = ""
    speaker: str = ""  # the person whose words these are; empty: the service itself speaks

    @staticmethod
    def say(text: str, *choices: Choice) -> Outgoing:
        """Return a message of one text."""
        return Outgoing(parts=(TextPart(text=text),), choices=choices)

    def plain_text(self) -> str:
        """Return everything a person reads, in order, without the buttons."""
        return "\n".join(_plain(part) for part in self.parts)


def _plain(part: Part) -> str:
    match part:
        case TextPart():
            return part.text
        case CardPart():
            lines = [part.title, *(f"{label}：{value}" for label, value in part.lines)]
            return "\n".join([*lines, part.note] if part.note else lines)
        case TablePart():
            head = [part.title] if part.title else []
            return "\n".join([*head, "｜".join(part.columns), *("｜".join(row) for row in part.rows)])
        case ChartPart():
            return part.alt
        case DocumentPart():
            return f"［文件］{part.filename}"
        case CitationPart():
            day = f"（截至{part.as_of}）" if part.as_of else ""
            return f"依据{day}：" + "；".join(part.lines)


class IncomingKind(StrEnum):
    TEXT = "text"
    PRESS = "press"  # a button of ours
    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    OTHER = "other"  # a kind the channel knows and we do not
    START = "start"  # the person opened the chat
    STOP = "stop"  # the person blocked or left us


class InGroup(_Frozen):
    """Where in a group something was said, and by whom. `thread` is the vendor's number of a topic."""

    chat: str
    thread: int | None = None  # None: the general topic
    title: str = ""
    has_topics: bool = False
    sender: str = (
        ""  # the member's address in a private chat; empty for an administrator who hides their name
    )
    edited: bool = False  # what was said before is said anew
    administrator: bool | None = None  # of the sender; None: not looked up, because it does not matter
    topics_allowed: bool | None = None  # whether we may make topics; None: not looked up


class Incoming(_Frozen):
    """One update of a channel, already stored when anybody acts on it.

    `update_id` is the channel's own number for the update: the same update delivered three times is one row.
    """

    channel: Channel
    address: str
    update_id: str
    kind: IncomingKind
    received_at: AwareDatetime
    text: str = ""
    sender_name: str = ""
    pressed: str = ""  # outbox message id and index of the choice, `12:0`
    attachment_id: int | None = None
    payload: str = ""  # a deep link's parameter
    group: InGroup | None = None  # said in a group, where several people speak
    welcome: str = ""  # a vendor's one-time word with which the first answer may be sent before anybody wrote
    card_code: str = (
        ""  # a vendor's one-time word with which the card whose button was pressed may be changed
    )
    since: AwareDatetime | None = None  # when the browser was let in that was somebody else's before
