"""What the bot knows and how it reads, and what of it one person may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.deep_links import Doors
from bot.dialogue.faq_index import FaqIndex
from bot.dialogue.world import Places, World
from bot.handoff.routing import AgencyProfile
from bot.reach_effects import offered_to
from bot.understanding.understand import Understanding
from knowledge.loader import KnowledgeBase
from rules.days import NINGBO
from store.addresses import Place, may_decide
from store.fact_values import from_stored
from store.records import Person
from store.speakers import Speaker
from store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Mind:
    """What the bot knows and how it reads: replaced as a whole when a revision is published."""

    knowledge: KnowledgeBase
    faq: FaqIndex
    understanding: Understanding
    agencies: Sequence[AgencyProfile]


async def load_places(tx: Transaction, person: Person, place: Place, doors: Doors, now: datetime) -> Places:
    """Return where the person is reached, and who else speaks for the company by their word."""
    known = await tx.people.addresses(person.id)
    here = (each.id for each in known if (each.channel, each.address) == (place.channel, place.address))
    return Places(
        addresses=tuple(known),
        here=next(here, None),
        offered=offered_to(doors, place.channel),
        reminders_wanted=person.reminders_wanted,
        settled=may_decide(known, place, now),
        let_in=tuple(await tx.invites.let_in_by(person)),
    )


async def load_world(
    tx: Transaction,
    speaker: Speaker,
    mind: Mind,
    today: date,
    *,
    waiting_for_person: bool = False,
    feed_links: bool = False,
) -> World:
    """Return what the dialogue may see: the knowledge and the person's own company."""
    person, company, feed_since = speaker.person, speaker.company, speaker.feed_since
    asker = person.as_asker()
    if company is None:
        return World(mind.knowledge, mind.faq)
    return World(
        knowledge=mind.knowledge,
        faq=mind.faq,
        facts=from_stored(await tx.facts(asker).of(company.id), mind.knowledge.facts, today),
        assets=tuple(await tx.assets(asker).of(company.id)),
        obligations=tuple(await tx.obligations(asker).of_company(company.id)),
        company_name=company.name,
        broadcasts_wanted=person.broadcasts_wanted,
        waiting_for_person=waiting_for_person,
        feed_links=feed_links,
        feed_since=None if feed_since is None else feed_since.astimezone(NINGBO).date(),
    )
