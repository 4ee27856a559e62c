"""What of Telegram differs between installations."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from bot.channels.telegram.limits import SECRET_TOKEN_CHARACTERS


class Mode(Enum):
    """How updates come."""

    WEBHOOK = "webhook"  # Telegram calls us
    POLLING = "polling"  # we ask Telegram


class TelegramSettingsError(Exception):
    """A Telegram setting is wrong; the message says which and how to set it right."""


_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{3,100}")
_SECRET = re.compile(rf"[A-Za-z0-9_-]{{8,{SECRET_TOKEN_CHARACTERS}}}")


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """One bot. `public_url` is where Telegram reaches us, needed for `Mode.WEBHOOK` only."""

    token: str = field(repr=False)
    base_url: str = "https://api.telegram.org"
    webhook_secret: str = field(default="", repr=False)
    mode: Mode = Mode.POLLING
    public_url: str = ""

    def __post_init__(self) -> None:
        """Raise TelegramSettingsError where the settings cannot work."""
        if not _TOKEN.fullmatch(self.token):
            raise TelegramSettingsError(
                "the Telegram token is not of the form 123456:ABC… that @BotFather gives"
            )
        if self.mode is Mode.WEBHOOK and not _SECRET.fullmatch(self.webhook_secret):
            raise TelegramSettingsError("the webhook secret must be 8 to 256 of A-Z a-z 0-9 _ -")
        if self.mode is Mode.WEBHOOK and not self.public_url:
            raise TelegramSettingsError("a webhook needs the public address of this service")

    @property
    def bot_id(self) -> str:
        """Return the bot's number: the part of its token that is no secret."""
        return self.token.partition(":")[0]

    @property
    def api(self) -> str:
        """Return the API's address without a slash at its end."""
        return self.base_url.rstrip("/")
