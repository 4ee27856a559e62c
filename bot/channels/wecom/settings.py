"""What of WeCom differs between installations."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.channels.wecom.crypto import CallbackCrypto
from bot.channels.wecom.errors import WecomSettingsError
from bot.channels.wecom.limits import CALLBACK_TOKEN_CHARACTERS

API = "https://qyapi.weixin.qq.com"
_TOKEN = re.compile(rf"[A-Za-z0-9]{{1,{CALLBACK_TOKEN_CHARACTERS}}}")


@dataclass(frozen=True, slots=True)
class WecomAccount:
    """One secret of a corporation and the callback that belongs to it: an application, or customer service."""

    corp_id: str
    secret: str = field(repr=False)
    callback_token: str = field(repr=False)
    encoding_aes_key: str = field(repr=False)
    base_url: str = API

    def __post_init__(self) -> None:
        """Raise WecomSettingsError where the settings cannot work."""
        for what, value in (("corporation's id", self.corp_id), ("secret", self.secret)):
            if not value:
                raise WecomSettingsError(f"the WeCom {what} is missing")
        if not _TOKEN.fullmatch(self.callback_token):
            raise WecomSettingsError(
                f"the callback token must be 1 to {CALLBACK_TOKEN_CHARACTERS} letters and digits"
            )
        self.crypto()

    def crypto(self) -> CallbackCrypto:
        """Return what opens the callbacks. Raises WecomSettingsError for a key that is none."""
        return CallbackCrypto(self.callback_token, self.encoding_aes_key, self.corp_id)


@dataclass(frozen=True, slots=True)
class WecomSettings:
    """One application of a corporation."""

    account: WecomAccount
    agent_id: int

    @property
    def scope(self) -> str:
        """Return the name under which limits are counted."""
        return f"wecom:{self.account.corp_id}:{self.agent_id}"
