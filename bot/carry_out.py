"""Carries out what a turn of the dialogue wants done, in the transaction that writes the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from bot import docket_effects, reach_effects, reminder_marks
from bot.deep_links import Doors
from bot.dialogue import effects as wanted
from bot.docket_file import DocketFile, FileFirstError, send_docket
from bot.handoff import flows
from bot.handoff.routing import AgencyProfile
from bot.printing import PaperFile, send_paper
from bot.understanding.anonymous import anonymous, says_something
from store.addresses import Place
from store.asker import Asker
from store.errors import ChangedMeanwhileError
from store.fact_values import to_json, to_stored
from store.messages import Outgoing
from store.outbox import Letter
from store.records import Asset, AssetStatus, Person, StoredObligation
from store.transaction import Transaction

HANDED_ON = ("最近的话和答复", "公司资料", "登记的权利和期限")
"""What the consent covers, in the words of the question (`person.handed_on`)."""


class Docket(Protocol):
    """Computes and keeps what is due for an asset. The scheduler implements it; `app` wires it in."""

    async def docket_asset(
        self, tx: Transaction, asset: Asset, today: date, now: datetime
    ) -> Sequence[StoredObligation]:
        """Return the obligations now kept for the asset."""
        ...

    async def docket_assets(
        self, tx: Transaction, assets: Sequence[Asset], today: date, now: datetime
    ) -> Sequence[StoredObligation]:
        """Return the obligations now kept for all of these assets."""
        ...


@dataclass(frozen=True, slots=True)
class Situation:
    """Who asked what, and when: what effects need to be carried out."""

    person: Person
    inbox_id: int
    question: str
    intent: str
    revision: str
    agencies: Sequence[AgencyProfile]
    today: date
    now: datetime
    reply: Callable[[Outgoing, str], Letter]  # to whoever asked; the second names the effect that answers
    place: Place  # where they wrote from
    base_url: str = ""  # where links to this installation begin
    paper: PaperFile | None = None  # the answer that is to be sent as a PDF
    docket_file: DocketFile | None = None  # the deadlines that are to be sent as a file
    doors: Doors = field(default_factory=Doors)

    @property
    def asker(self) -> Asker:
        """Return the person as the store's filter sees them."""
        return self.person.as_asker()

    @property
    def company_id(self) -> int:
        """Return the company the person speaks for."""
        if self.person.company_id is None:
            raise ValueError(f"person {self.person.id} speaks for no company")
        return self.person.company_id


async def carry_out(tx: Transaction, effect: wanted.Effect, at: Situation, docket: Docket) -> list[Letter]:
    """Carry out one effect and return the letters it leads to.

    Raises the store's errors, and FileFirstError where the effect needs a file that is not made: nothing is half done.
    """
    match effect:
        case wanted.RememberFacts(facts):
            await tx.facts(at.asker).remember(at.company_id, to_stored(facts, at.today), at.now)
        case wanted.KeepAsset():
            asset, _ = await tx.assets(at.asker).put(
                at.company_id,
                effect.right_type,
                effect.number,
                at.now,
                name=effect.name,
                dates=effect.dates,
                details=effect.details,
            )
            await docket.docket_asset(tx, asset, at.today, at.now)
        case wanted.KeepAssets() | wanted.MakeFile() | wanted.OpenFeed() | wanted.CloseFeed():
            return await _about_docket(tx, effect, at, docket)
        case wanted.SendPaper():
            return [at.reply(await send_paper(tx, at.person, at.paper, at.now), "paper")]
        case wanted.RemoveAsset(asset_id):
            await _set_status(tx, asset_id, AssetStatus.REMOVED, at, docket)
        case wanted.GiveUpAsset(asset_id):
            await _set_status(tx, asset_id, AssetStatus.GIVEN_UP, at, docket)
            return await _marks(tx, effect, at)
        case wanted.RestoreAsset(asset_id):
            await _set_status(tx, asset_id, AssetStatus.ACTIVE, at, docket)
            return await _marks(tx, effect, at)
        case wanted.RequestPerson(topic, summary, statutory_day):
            return await _request_person(tx, topic, summary, statutory_day, at)
        case wanted.CancelRequest():
            return await flows.cancel(tx, at.person, at.now)
        case wanted.WantBroadcasts(wanted=yes):
            await tx.people.set_broadcasts_wanted(at.person.id, yes)
        case wanted.WantReminders(wanted=yes):
            await tx.people.set_reminders_wanted(at.person.id, yes)
        case (
            wanted.OfferBinding()
            | wanted.MailCode()
            | wanted.PutFirst()
            | wanted.TakeOff()
            | wanted.MakeInvite()
            | wanted.DecideInvite()
            | wanted.PutOut()
        ):
            told = await reach_effects.carry_out(
                tx, effect, at.person, at.place, at.doors, at.inbox_id, at.now
            )
            return [at.reply(told.reply, "reach"), *told.letters]
        case wanted.ForgetCompany():
            await _forget(tx, at, docket)
        case wanted.RecordAnswer(facts, results):
            await tx.answers(at.asker).record(
                at.person.id,
                at.now,
                inbox_id=at.inbox_id,
                intent=at.intent,
                question=at.question,
                revision=at.revision,
                as_of=at.today,
                facts={name: to_json(value) for name, value in facts.items()},
                results=list(results),
            )
        case wanted.NoteUnclear(verdict, nearest):
            await _note_unclear(tx, verdict, nearest, at)
        case _:
            await _about_obligation(tx, effect, at)
            return await _marks(tx, effect, at)
    return []


async def _marks(tx: Transaction, effect: wanted.Effect, at: Situation) -> list[Letter]:
    """Return the changes by which the reminder itself shows what was said of it."""
    return await reminder_marks.marks(tx, effect, at.person, at.inbox_id, at.today)


async def _note_unclear(
    tx: Transaction, verdict: str, nearest: Sequence[tuple[str, float]], at: Situation
) -> None:
    """Keep the words without whose they were: no person, no time of day, names and figures replaced."""
    names = [at.person.name]
    if at.person.company_id is not None:
        names.append((await tx.people.company(at.person.company_id)).name)
    words = anonymous(at.question, at.today, names)
    if says_something(words):
        await tx.unclear.note(words, verdict, nearest, at.today)


async def _about_docket(
    tx: Transaction,
    effect: wanted.KeepAssets | wanted.MakeFile | wanted.OpenFeed | wanted.CloseFeed,
    at: Situation,
    docket: Docket,
) -> list[Letter]:
    match effect:
        case wanted.KeepAssets(said, same):
            kept = docket_effects.KeptList()
            await docket_effects.keep_some(tx, at.person, kept, said, docket.docket_assets, at.today, at.now)
            return [at.reply(docket_effects.told_of(kept, same, at.today), "list")]
        case wanted.MakeFile(form):
            if at.docket_file is None or not at.docket_file.is_for(at.person, form):
                raise FileFirstError(at.person, form)
            told = await send_docket(tx, at.person, at.docket_file, at.today, at.now)
            return [at.reply(told, form.value)]
        case wanted.OpenFeed():
            told = await docket_effects.open_feed(tx, at.person, at.company_id, at.base_url, at.now)
            return [at.reply(told, "feed")]
        case wanted.CloseFeed():
            await tx.feeds(at.asker).close(at.company_id)
    return []


async def _about_obligation(tx: Transaction, effect: wanted.Effect, at: Situation) -> None:
    obligations = tx.obligations(at.asker)
    match effect:
        case wanted.MarkPaid(obligation_id, paid_on):
            await obligations.paid(obligation_id, paid_on, at.person.id, at.now)
        case wanted.Reopen(obligation_id):
            await obligations.reopen(obligation_id, at.person.id, at.now)
        case wanted.AttachReceipt(obligation_id, attachment_id):
            await obligations.attach_receipt(obligation_id, attachment_id, at.person.id, at.now)
        case wanted.SilenceRung(obligation_id):
            await obligations.silence(obligation_id, at.person.id, at.now)
        case wanted.Snooze(obligation_id, until):
            await obligations.snooze(obligation_id, until, at.person.id, at.now)
        case _:
            raise AssertionError(f"no way to carry out {effect}")


async def _request_person(
    tx: Transaction, topic: str, summary: str, statutory_day: date | None, at: Situation
) -> list[Letter]:
    return await flows.request(
        tx,
        at.person,
        topic=topic,
        summary=summary,
        statutory_day=statutory_day,
        agencies=at.agencies,
        now=at.now,
        consent=flows.Consent(HANDED_ON, at.now),
    )


async def _set_status(
    tx: Transaction, asset_id: int, status: AssetStatus, at: Situation, docket: Docket
) -> None:
    """Change the asset and compute its obligations anew. A change that somebody else made first stands."""
    assets = tx.assets(at.asker)
    asset = await assets.get(asset_id)
    try:
        await assets.set_status(asset, status, at.now)
    except ChangedMeanwhileError:
        return
    await docket.docket_asset(tx, await assets.get(asset_id), at.today, at.now)


async def _forget(tx: Transaction, at: Situation, docket: Docket) -> None:
    await tx.feeds(at.asker).close(at.company_id)
    facts = tx.facts(at.asker)
    await facts.forget(at.company_id, [fact.name for fact in await facts.of(at.company_id)], at.now)
    for asset in await tx.assets(at.asker).of(at.company_id):
        await _set_status(tx, asset.id, AssetStatus.REMOVED, at, docket)
