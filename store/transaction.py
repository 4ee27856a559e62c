"""One transaction and the repositories that work in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from store.addresses import Addresses
from store.agency_groups import AgencyGroups
from store.answers import Answers
from store.api_keys import ApiKeys
from store.asker import Asker
from store.assets import Assets
from store.attachments import Attachments
from store.bindings import Bindings
from store.broadcasts import Broadcasts
from store.campaigns import Campaigns
from store.case_topics import CaseTopics
from store.cases import Cases
from store.contact_tasks import ContactTasks
from store.conversations import Conversations
from store.cursors import Cursors
from store.dead_letters import DeadLetters
from store.duty import Duty
from store.facts import CompanyFacts
from store.feeds import Feeds
from store.inbox import Inbox
from store.invites import Invites
from store.leases import Leases
from store.limits import Limits
from store.message_edits import MessageEdits
from store.messages import Channel
from store.obligations import Obligations
from store.outbox import Outbox
from store.people import People
from store.reach import Reach
from store.reminders import Reminders
from store.reply_windows import ReplyWindows
from store.sessions import Sessions
from store.speakers import Speakers
from store.unclear import UnclearMessages


class Transaction:
    """The repositories of one transaction. Those of company data are opened in the name of an asker."""

    def __init__(self, session: AsyncSession, channels_on: Collection[Channel] | None = None) -> None:
        self.session = session
        self.people = People(session)
        self.sessions = Sessions(session)
        self.speakers = Speakers(session)
        self.api_keys = ApiKeys(session)
        self.conversations = Conversations(session)
        self.inbox = Inbox(session)
        self.outbox = Outbox(session)
        self.edits = MessageEdits(session)
        self.leases = Leases(session)
        self.limits = Limits(session)
        self.reach = Reach(session, channels_on)
        self.duty = Duty(session)
        self.unclear = UnclearMessages(session)
        self.cursors = Cursors(session)
        self.reply_windows = ReplyWindows(session)
        self.bindings = Bindings(session)
        self.agency_groups = AgencyGroups(session)
        self.case_topics = CaseTopics(session)
        self.addresses = Addresses(session)
        self.invites = Invites(session)
        self.campaigns = Campaigns(session)

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[None]:
        """Do something that is undone alone when it raises; what was written before it stands."""
        async with self.session.begin_nested():
            yield

    @asynccontextmanager
    async def tried(self) -> AsyncIterator[None]:
        """Do something and undo it, to see whether it can be done; what it raises is raised."""
        async with self.session.begin_nested() as point:
            yield
            await point.rollback()

    def facts(self, asker: Asker) -> CompanyFacts:
        """Return the facts that `asker` may see."""
        return CompanyFacts(self.session, asker)

    def assets(self, asker: Asker) -> Assets:
        """Return the assets that `asker` may see."""
        return Assets(self.session, asker)

    def answers(self, asker: Asker) -> Answers:
        """Return the answers that `asker` may see."""
        return Answers(self.session, asker)

    def attachments(self, asker: Asker) -> Attachments:
        """Return the files that `asker` may see."""
        return Attachments(self.session, asker)

    def cases(self, asker: Asker) -> Cases:
        """Return the cases that `asker` may see."""
        return Cases(self.session, asker)

    def contact_tasks(self, asker: Asker) -> ContactTasks:
        """Return the companies to be telephoned that `asker` may see."""
        return ContactTasks(self.session, asker)

    def feeds(self, asker: Asker) -> Feeds:
        """Return the calendar feeds that `asker` may open and close."""
        return Feeds(self.session, asker)

    def obligations(self, asker: Asker) -> Obligations:
        """Return the obligations that `asker` may see."""
        return Obligations(self.session, asker)

    def reminders(self, asker: Asker) -> Reminders:
        """Return the reminders that `asker` may see."""
        return Reminders(self.session, asker)

    def dead_letters(self, asker: Asker) -> DeadLetters:
        """Return the messages that did not arrive and that `asker` may see."""
        return DeadLetters(self.session, asker)

    def broadcasts(self, asker: Asker) -> Broadcasts:
        """Return the broadcasts that `asker` may see."""
        return Broadcasts(self.session, asker)
