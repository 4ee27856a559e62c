"""An agency's group without Telegram: what is said in it, and what would be read in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from bot.handoff import group_talk
from store.agency_groups import AgencyGroup, CodePurpose
from store.case_topics import CaseTopic
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind, InGroup
from store.records import OutboxItem, Person
from store.transaction import Transaction
from tests.unit.bot.handoff.conftest import AGENCIES, World

CHAT = "-1001"
_updates = count(1)


@dataclass
class Group:
    """One group; its members are accounts by number."""

    world: World
    chat: str = CHAT
    title: str = "甲机构工单群"
    accounts: dict[str, Person] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.world.database

    async def bind(self, person: Person) -> str:
        """Say a fresh code of the person as the group's administrator; return the answer."""
        async with self.database.transaction() as tx:
            code = await tx.agency_groups.issue_code(person, CodePurpose.GROUP, self.world.now)
        await self.say("99", f"/bind {code}", administrator=True, topics_allowed=True)
        return (await self.read())[-1].content.plain_text()

    async def member(self, account: str, person: Person) -> None:
        """Let the account be the person's."""
        async with self.database.transaction() as tx:
            assert await tx.bindings.join(person.id, Channel.TELEGRAM, account, self.world.now) is None
        self.accounts[account] = person

    async def say(
        self,
        sender: str,
        text: str,
        thread: int | None = None,
        *,
        kind: IncomingKind = IncomingKind.TEXT,
        pressed: str = "",
        attachment_id: int | None = None,
        has_topics: bool = True,
        **where: object,
    ) -> None:
        """Let a member say something, in the general topic where no thread is named."""
        incoming = Incoming(
            channel=Channel.TELEGRAM_FORUM,
            address=self.chat if thread is None else f"{self.chat}:{thread}",
            update_id=str(next(_updates)),
            kind=kind,
            received_at=self.world.now,
            text=text,
            pressed=pressed,
            sender_name=f"账号{sender}",
            attachment_id=attachment_id,
            group=InGroup(
                chat=self.chat,
                thread=thread,
                title=self.title,
                has_topics=has_topics,
                sender=sender,
                **where,  # type: ignore[arg-type]
            ),
        )
        async with self.database.transaction() as tx:
            item = await tx.inbox.receive(incoming, None)
            assert item is not None
            await group_talk.heard(tx, item, AGENCIES, self.world.now)

    async def press(self, sender: str, text: str, thread: int | None = None) -> None:
        """Press the newest button of this text in the group."""
        for message in reversed(await self.read()):
            for index, choice in enumerate(message.content.choices):
                if choice.text == text:
                    await self.say(
                        sender, "", thread, kind=IncomingKind.PRESS, pressed=f"{message.id}:{index}"
                    )
                    return
        raise AssertionError(f"no button {text}")

    async def read(self) -> list[OutboxItem]:
        """Return everything written to the group, oldest first, changes of messages among it."""
        async with self.database.reading() as tx:
            found = []
            for number in range(1, 400):
                item = await tx.outbox.get(number)
                if item is not None and item.address.partition(":")[0] == self.chat:
                    found.append(item)
        return found

    async def words(self) -> str:
        """Return all the words written to the group."""
        return "\n".join(item.content.plain_text() for item in await self.read())

    async def topic(self, case_id: int, agency_id: str = "one", *, thread: int = 7) -> CaseTopic:
        """Return the case's topic, made by the vendor under this number."""
        async with self.database.transaction() as tx:
            topic = await tx.case_topics.of_case(case_id, agency_id)
            assert topic is not None
            await tx.case_topics.made(topic.id, thread, topic.name)
            made = await tx.case_topics.get(topic.id)
            assert made is not None
        return made

    async def in_use(self, tx: Transaction, agency_id: str = "one") -> AgencyGroup | None:
        return await tx.agency_groups.of_agency(agency_id)
