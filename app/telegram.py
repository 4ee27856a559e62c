"""Telegram, where a token is set: aiogram receives, python-telegram-bot delivers to people and to agencies' groups."""

from __future__ import annotations

from dataclasses import dataclass

from app.settings import Settings
from app.wiring import Clock
from bot.channels.port import Intake
from bot.channels.telegram.forum_sender import ForumSender
from bot.channels.telegram.receiver import TelegramReceiver
from bot.channels.telegram.sender import TelegramSender
from bot.channels.telegram.settings import Mode, TelegramSettings
from bot.deep_links import Doors
from bot.delivery.port import Sender
from store.database import Database


@dataclass(frozen=True, slots=True)
class TelegramChannel:
    """Both halves of one bot."""

    receiver: TelegramReceiver
    sender: TelegramSender
    forum: ForumSender

    @property
    def senders(self) -> list[Sender]:
        """Return the ways out."""
        return [self.sender, self.forum]

    async def close(self) -> None:
        """End receiving and give back the connections."""
        self.receiver.stop()
        await self.sender.close()
        await self.forum.close()


def open_telegram(
    settings: Settings, database: Database, intake: Intake, clock: Clock, doors: Doors | None = None
) -> TelegramChannel | None:
    """Return the channel, or None without a token; the bot's name is told to `doors`. Raises TelegramSettingsError for settings that cannot work."""
    token = settings.telegram_token.get_secret_value()
    if not token:
        return None
    secret = settings.telegram_webhook_secret.get_secret_value()
    bot = TelegramSettings(
        token=token,
        base_url=settings.telegram_base_url,
        webhook_secret=secret,
        mode=Mode.WEBHOOK if secret else Mode.POLLING,
        public_url=settings.public_url,
    )
    told = doors or Doors()

    def named(name: str) -> None:
        told.telegram_name = name

    return TelegramChannel(
        TelegramReceiver(bot, database, intake, clock, on_name=named),
        TelegramSender(bot, database),
        ForumSender(bot, database),
    )
