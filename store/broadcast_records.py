"""Broadcasts and their recipients as the repository returns them, and what may go wrong with one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from store.errors import StoreError
from store.records import OutboxState, Record


class BroadcastState(StrEnum):
    """Where a broadcast stands."""

    DRAFT = "draft"  # may be edited; nobody has to look at it yet
    SUBMITTED = "submitted"  # waits for a second person
    APPROVED = "approved"  # its audience is frozen; goes out when its time comes
    SENDING = "sending"  # its messages are being written and sent
    PAUSED = "paused"  # nothing more leaves until it is resumed
    DONE = "done"  # every recipient has an outcome or a reason why not
    CANCELLED = "cancelled"  # ended early by a person; what had left had left


WRITE_TRIES = 5  # of one recipient's message; then the broadcast ends without them, and a person looks at it
EDITABLE = (BroadcastState.DRAFT, BroadcastState.SUBMITTED, BroadcastState.APPROVED)
RUNNING = (BroadcastState.APPROVED, BroadcastState.SENDING)


class Fit(StrEnum):
    """How a company stands to the rule of a broadcast."""

    FITS = "fits"
    MAY_FIT = "may_fit"  # facts that matter are missing
    DOES_NOT_FIT = "does_not_fit"


class RecipientState(StrEnum):
    """What became of a recipient's message. Once it is written, its outcome stands in the outbox."""

    WAITING = "waiting"  # to be written
    WRITTEN = "written"  # in the outbox
    UNSUBSCRIBED = "unsubscribed"  # does not want policy messages
    UNREACHABLE = "unreachable"  # nobody of the company may be written to now
    FAILED = "failed"  # the message cannot be written by a fault of ours, or of what is stored
    EXPIRED = "expired"  # its time passed before it was written
    CANCELLED = "cancelled"  # the broadcast was ended before it was written


# Recipients for whom nothing was written, and may be once what kept it is put right.
LEFT_OUT = (RecipientState.UNREACHABLE, RecipientState.FAILED)


class Draft(Record):
    """What an editor writes. `rule_id` or `text` must be there; with both, the text stands above the rule's answer."""

    title: str = Field(min_length=1, max_length=200)
    rule_id: str | None = None
    text: str = Field(default="", max_length=4000)
    include_may_fit: bool = False
    not_before: datetime | None = None
    not_after: datetime | None = None


class Broadcast(Record):
    id: int
    title: str
    rule_id: str | None
    text: str
    include_may_fit: bool
    state: BroadcastState
    author_id: int
    approver_id: int | None
    revision: str
    as_of: date | None
    content_hash: str
    audience_hash: str
    note: str
    not_before: datetime | None
    not_after: datetime | None
    created_at: datetime
    updated_at: datetime

    def draft(self) -> Draft:
        """Return what the editor wrote."""
        return Draft(**{name: getattr(self, name) for name in Draft.model_fields})


class Member(Record):
    """One company of an audience. `detail` is what its message says: amounts in 分, missing facts, sources."""

    company_id: int
    fit: Fit
    detail: dict[str, Any] = Field(default_factory=dict)


class Recipient(Record):
    """One company of a frozen audience and what became of its message."""

    id: int
    broadcast_id: int
    company_id: int
    person_id: int | None
    fit: Fit
    state: RecipientState
    detail: dict[str, Any]
    outbox_id: int | None
    error: str = ""


class Delivered(Record):
    """One recipient as the desk lists it. `outcome` is the state of the message, None when there is none."""

    recipient: Recipient
    company_name: str
    outcome: OutboxState | None
    error: str = ""
    sent_at: datetime | None = None


class BroadcastError(StoreError):
    """A broadcast may not be changed in this way. `zh` says to staff what to do next."""

    zh = "这条推送现在不能这样操作，请刷新后再看"


class SamePersonError(BroadcastError):
    """The author of a broadcast may not approve it: a second person must."""

    zh = "不能审核自己写的推送，请换一位审核人"


class NotApproverError(BroadcastError):
    """Only a person of the bureau with the right to approve may approve."""

    zh = "只有审核人可以审核推送"


class WrongStateError(BroadcastError):
    """The broadcast is no longer in a state in which this is possible."""

    zh = "这条推送的状态已经变了，请刷新后再看"


class ContentChangedError(BroadcastError):
    """The content, the audience or the knowledge changed since it was submitted or approved."""

    zh = "提交以后内容或规则有改动，原来的审核作废，请重新提交"


class NothingToSayError(BroadcastError):
    """A broadcast needs a rule or a text."""

    zh = "请先选一条规则，或者写一段正文"


class NobodyError(BroadcastError):
    """The audience is empty: there is nobody to write to."""

    zh = "没有符合条件又能收到消息的企业，先不用发"


def content_hash(draft: Draft, revision: str) -> str:
    """Return the hash of everything an approver answers for: what is said, to whom, when, under which knowledge."""
    return _hash({**draft.model_dump(mode="json"), "revision": revision})


def audience_hash(members: Iterable[Member]) -> str:
    """Return the hash of a frozen audience, whatever order it comes in."""
    listed = sorted((member.model_dump(mode="json") for member in members), key=lambda one: one["company_id"])
    return _hash(listed)


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
