"""What a turn of the dialogue wants done. The pipeline does it in the transaction that writes the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from rules.deadlines.assets import AssetFacts
from rules.facts import FactValue
from store.messages import Channel


@dataclass(frozen=True, slots=True)
class RememberFacts:
    """Keep facts of the company with their source and day."""

    facts: Mapping[str, FactValue]


@dataclass(frozen=True, slots=True)
class KeepAsset:
    """Keep a right and compute what is due for it. Without a number it is told by its type and filing day."""

    right_type: str
    number: str
    dates: Mapping[str, date]
    details: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class KeepAssets:
    """Keep the rights of a list that was sent, compute what is due for them, and tell what comes next.

    `same` rows of the list are kept already.
    """

    assets: tuple[AssetFacts, ...]
    same: int = 0


class FileForm(StrEnum):
    """As what the docket can be handed out."""

    ICS = "ics"  # for a calendar
    XLSX = "xlsx"  # a spreadsheet


@dataclass(frozen=True, slots=True)
class MakeFile:
    """Make a file of what is due for the company and send it."""

    form: FileForm


@dataclass(frozen=True, slots=True)
class SendPaper:
    """Send the answer that was asked for as a PDF."""


@dataclass(frozen=True, slots=True)
class OpenFeed:
    """Give the company's calendar feed a new link and tell it; an older link ends."""


@dataclass(frozen=True, slots=True)
class CloseFeed:
    """End the link of the company's calendar feed."""


@dataclass(frozen=True, slots=True)
class RemoveAsset:
    """Take a right off the list; nothing is reminded of any more."""

    asset_id: int


@dataclass(frozen=True, slots=True)
class RestoreAsset:
    """Undo a removal or a giving up."""

    asset_id: int


@dataclass(frozen=True, slots=True)
class GiveUpAsset:
    """The owner said in two steps that the right is given up. Its open obligations close."""

    asset_id: int


@dataclass(frozen=True, slots=True)
class MarkPaid:
    """The owner paid on this day."""

    obligation_id: int
    paid_on: date


@dataclass(frozen=True, slots=True)
class Reopen:
    """The owner takes 已缴费 back."""

    obligation_id: int


@dataclass(frozen=True, slots=True)
class AttachReceipt:
    """The picture of a receipt belongs to a paid obligation."""

    obligation_id: int
    attachment_id: int


@dataclass(frozen=True, slots=True)
class SilenceRung:
    """知道了: this rung only."""

    obligation_id: int


@dataclass(frozen=True, slots=True)
class Snooze:
    """以后再说: remind again on this day."""

    obligation_id: int
    until: date


@dataclass(frozen=True, slots=True)
class RequestPerson:
    """转人工, with the consent just given to pass the data on."""

    topic: str
    summary: str
    statutory_day: date | None


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """The owner no longer waits for a person."""


@dataclass(frozen=True, slots=True)
class WantBroadcasts:
    """Policy messages wanted or not. Statutory reminders are not touched."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class WantReminders:
    """Statutory reminders wanted or not, after a second yes. Staff are told of what is due where they are not."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class OfferBinding:
    """Make a one-time code for another channel and tell it, with the steps for `channel` (None: for all)."""

    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class MailCode:
    """Send a one-time code to this e-mail address, to be said here."""

    address: str


@dataclass(frozen=True, slots=True)
class PutFirst:
    """Let reminders go to this address first."""

    address_id: int


@dataclass(frozen=True, slots=True)
class TakeOff:
    """The address is no longer the person's. `not_me`: they did not bind it themselves."""

    address_id: int
    not_me: bool = False


@dataclass(frozen=True, slots=True)
class MakeInvite:
    """Make a one-time invitation to the company and tell it."""


@dataclass(frozen=True, slots=True)
class DecideInvite:
    """Let somebody who opened an invitation join the company, or not."""

    invite_id: int
    accepted: bool


@dataclass(frozen=True, slots=True)
class PutOut:
    """Somebody whom the person let in is of the company no longer."""

    person_id: int


AboutReach = OfferBinding | MailCode | PutFirst | TakeOff | MakeInvite | DecideInvite | PutOut
"""Who is reached where and who belongs to a company: answered where it is carried out."""


@dataclass(frozen=True, slots=True)
class ForgetCompany:
    """Delete what is known of the company: facts and assets, after a second yes."""


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """What a computed answer rested on, so that it can be computed again."""

    facts: Mapping[str, Any]
    results: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class NoteUnclear:
    """The message was not understood: an editor may learn from it, without whose it was."""

    verdict: str
    nearest: tuple[tuple[str, float], ...]  # intents with their probabilities, the likeliest first


Effect = (
    RememberFacts
    | KeepAsset
    | KeepAssets
    | MakeFile
    | SendPaper
    | OpenFeed
    | CloseFeed
    | RemoveAsset
    | RestoreAsset
    | GiveUpAsset
    | MarkPaid
    | Reopen
    | AttachReceipt
    | SilenceRung
    | Snooze
    | RequestPerson
    | CancelRequest
    | WantBroadcasts
    | WantReminders
    | AboutReach
    | ForgetCompany
    | RecordAnswer
    | NoteUnclear
)
