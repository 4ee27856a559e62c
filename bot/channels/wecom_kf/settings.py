"""What of WeChat customer service differs between installations."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels.wecom.errors import WecomSettingsError
from bot.channels.wecom.settings import WecomAccount


@dataclass(frozen=True, slots=True)
class KfSettings:
    """One customer service account 客服账号 of a corporation."""

    account: WecomAccount
    open_kfid: str

    def __post_init__(self) -> None:
        """Raise WecomSettingsError where the settings cannot work."""
        if not self.open_kfid:
            raise WecomSettingsError("the customer service account's open_kfid is missing")

    @property
    def cursor(self) -> str:
        """Return the name under which is kept how far its messages are read."""
        return f"wecom_kf:{self.open_kfid}"
