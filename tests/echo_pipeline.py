"""A pipeline that answers with what it heard: lets channels be tested without the conversation behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.channels.writers import known_writer
from store.database import Database
from store.messages import (
    Action,
    CardPart,
    ChartPart,
    Choice,
    CitationPart,
    Incoming,
    IncomingKind,
    Outgoing,
    TablePart,
    TextPart,
    Verb,
)
from store.outbox import Letter

BUTTONS = (
    Choice(text="记下这件专利", action=Action(verb=Verb.SAY, value="记下")),
    Choice(text="以后再说", action=Action(verb=Verb.LATER, about="1")),
)


class EchoPipeline:
    """Implements `bot.channels.port.Intake`."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], wake: Callable[[], None] = lambda: None
    ) -> None:
        self._database = database
        self._clock = clock
        self.wake = wake
        self.received: list[Incoming] = []

    async def receive(self, incoming: Incoming) -> bool:
        now = self._clock()
        async with self._database.transaction() as tx:
            person = await known_writer(tx, incoming.channel, incoming.address, incoming.sender_name, now)
            await tx.people.heard_from(incoming.channel, incoming.address, now)
            item = await tx.inbox.receive(incoming, person.id)
            if item is None:
                return False
            await tx.inbox.done(item, now)
            self.received.append(incoming)
            if incoming.kind is not IncomingKind.STOP:
                await tx.outbox.write(
                    Letter(
                        dedupe_key=f"answer:{item.id}:0",
                        channel=incoming.channel,
                        address=incoming.address,
                        content=echo(incoming),
                        person_id=person.id,
                        inbox_id=item.id,
                    ),
                    now,
                )
        self.wake()
        return True


def echo(incoming: Incoming) -> Outgoing:
    """Return an answer that says what was heard; "全部" asks for one of every part."""
    heard = incoming.text or incoming.pressed or incoming.payload or incoming.kind.value
    if incoming.text == "全部":
        return Outgoing(
            parts=(
                TextPart(text="这件发明专利第8年的年费要在2027年4月15日前缴。\n\n先看金额，再看怎么缴。"),
                CardPart(
                    title="第8年年费",
                    lines=(("最稳妥的一天", "2027年4月15日"), ("金额", "2,000元")),
                    note="晚了还能补，但要加滞纳金。",
                ),
                TablePart(
                    title="晚缴要加多少",
                    columns=("晚几个月", "滞纳金", "合计"),
                    rows=(("不满1个月", "0元", "2,000元"), ("满1个月", "100元", "2,100元")),
                ),
                ChartPart(
                    shape="radar",
                    title="专利价值",
                    labels=("法律", "技术", "市场", "战略", "经济"),
                    values=(80, 65, 90, 40, 72),
                    unit="分",
                    alt="法律80分，技术65分，市场90分，战略40分，经济72分",
                ),
                CitationPart(citations=("专利法实施细则 第一百一十五条",), as_of="2026年11月20日"),
            ),
            choices=BUTTONS,
        )
    return Outgoing.say(f"听到：{heard}", *BUTTONS)
