"""The channels that are on where an account is set: WeCom's application, WeChat customer service, e-mail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from fastapi import APIRouter

from app.background import Run
from app.settings import Settings
from app.wiring import Clock
from bot.channels.email import unsubscribing
from bot.channels.email.sender import EmailSender
from bot.channels.email.settings import EmailSettings, Tls
from bot.channels.email.unsubscribing import UnsubscribeLinks
from bot.channels.port import Intake
from bot.channels.wecom.receiver import WecomReceiver
from bot.channels.wecom.sender import WecomSender
from bot.channels.wecom.settings import WecomAccount, WecomSettings
from bot.channels.wecom_kf.receiver import KfReceiver
from bot.channels.wecom_kf.sender import KfSender
from bot.channels.wecom_kf.sessions import KfSessions
from bot.channels.wecom_kf.settings import KfSettings
from bot.deep_links import Doors
from bot.delivery.port import Sender
from store.database import Database
from store.messages import Channel


@dataclass
class MoreChannels:
    """What these channels give to the rest: ways out, routes, what runs beside requests, and how they end.

    `sessions` lets staff take a customer's session into WeCom and give it back; None without customer service.
    """

    senders: list[Sender] = field(default_factory=list)
    routers: list[APIRouter] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict)
    sessions: KfSessions | None = None
    _closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @classmethod
    def open(
        cls,
        settings: Settings,
        database: Database,
        intake: Intake,
        clock: Clock,
        others: Collection[Channel],
        doors: Doors | None = None,
    ) -> MoreChannels:
        """Return those that are set up; `others` are on besides, and `doors` is told how customers come in.

        Raises the channel's error for settings that cannot work.
        """
        more = cls()
        if settings.wecom_secret.get_secret_value():
            more._open_wecom(settings, database, intake, clock)
        if settings.email_host:
            more._open_email(settings, database, clock)
        if settings.wecom_kf_secret.get_secret_value():
            more._open_customer_service(settings, database, intake, clock, others, doors or Doors())
        return more

    async def close(self) -> None:
        """End receiving and give back the connections."""
        for close in self._closing:
            await close()

    def _open_wecom(self, settings: Settings, database: Database, intake: Intake, clock: Clock) -> None:
        account = WecomAccount(
            settings.wecom_corp_id,
            settings.wecom_secret.get_secret_value(),
            settings.wecom_token.get_secret_value(),
            settings.wecom_aes_key.get_secret_value(),
            settings.wecom_base_url,
        )
        wecom = WecomSettings(account, settings.wecom_agent_id)
        receiver, sender = WecomReceiver(wecom, database, intake, clock), WecomSender(wecom, database)
        self.senders.append(sender)
        self.routers.append(receiver.router)
        self.runs["wecom"] = receiver.run
        self._closing += [receiver.close, sender.close]

    def _open_customer_service(
        self,
        settings: Settings,
        database: Database,
        intake: Intake,
        clock: Clock,
        others: Collection[Channel],
        doors: Doors,
    ) -> None:
        account = WecomAccount(
            settings.wecom_corp_id,
            settings.wecom_kf_secret.get_secret_value(),
            settings.wecom_kf_token.get_secret_value(),
            settings.wecom_kf_aes_key.get_secret_value(),
            settings.wecom_base_url,
        )
        service = KfSettings(account, settings.wecom_kf_id)
        sender = KfSender(service, database, clock)
        self.senders.append(sender)
        channels = {*others, *(each.channel for each in self.senders)}

        def linked(link: str) -> None:
            doors.customer_service = link

        receiver = KfReceiver(service, database, intake, clock, channels_on=lambda: channels, on_link=linked)
        self.sessions = KfSessions(service)
        self.routers.append(receiver.router)
        self.runs["wecom_kf"] = receiver.run
        self._closing += [receiver.close, sender.close, self.sessions.close]

    def _open_email(self, settings: Settings, database: Database, clock: Clock) -> None:
        email = EmailSettings(
            host=settings.email_host,
            sender=settings.email_sender,
            port=settings.email_port,
            user=settings.email_user,
            password=settings.email_password.get_secret_value(),
            tls=Tls(settings.email_tls),
            public_url=settings.public_url,
            link_secret=settings.link_secret.get_secret_value(),
        )
        sender = EmailSender(email, database, clock)
        self.senders.append(sender)
        self._closing.append(sender.close)
        self.routers.append(unsubscribing.router(UnsubscribeLinks(email.link_key), database))
