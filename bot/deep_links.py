"""Links that open a chat with something to say: how they look in each channel, and what they may carry.

A parameter is at most 64 of A-Z a-z 0-9 _ - (Telegram, "Deep linking": the `start` parameter). WeChat customer service
takes 128 bytes as `scene_param`; the same form is used everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

from store.campaigns import SLUG
from store.messages import Channel
from store.one_time_codes import Purpose, said_code

LONGEST = 64
_FORM = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}")
_CAMPAIGN = "c_"


class Door(StrEnum):
    """What a link's parameter asks for."""

    BIND = "bind"  # a one-time code for another channel
    JOIN = "join"  # an invitation to a company
    CAMPAIGN = "campaign"  # a printed or passed-on link
    BARE = "bare"  # a code that does not say what it is for; only ever typed
    UNKNOWN = "unknown"  # none of ours


@dataclass(frozen=True, slots=True)
class Opened:
    """A link's parameter as it was read. `value` is the code or the campaign's name."""

    door: Door
    value: str = ""


def read(payload: str) -> Opened | None:
    """Return what the parameter asks for; None where there is none."""
    if not payload:
        return None
    if not _FORM.fullmatch(payload):
        return Opened(Door.UNKNOWN)
    if payload.startswith(_CAMPAIGN) and SLUG.fullmatch(payload.removeprefix(_CAMPAIGN)):
        return Opened(Door.CAMPAIGN, payload.removeprefix(_CAMPAIGN))
    code = said_code(payload)
    if code is not None and code.purpose is not None:
        return Opened(Door.BIND if code.purpose is Purpose.BIND else Door.JOIN, code.code)
    return Opened(Door.UNKNOWN)


def for_code(purpose: Purpose, code: str) -> str:
    """Return the parameter that carries a one-time code."""
    return f"{purpose.value}_{code}"


def for_campaign(slug: str) -> str:
    """Return the parameter of a campaign."""
    return f"{_CAMPAIGN}{slug}"


@dataclass
class Doors:
    """How owners come in to this installation. What only a vendor can tell is filled in when it has been told."""

    page: str = ""  # our page's address, empty where it has none
    channels: frozenset[Channel] = field(default_factory=frozenset)  # those that are on
    telegram_name: str = ""  # the bot's user name
    customer_service: str = ""  # WeChat's link, made for a scene so that a parameter may be added

    def link(self, channel: Channel, parameter: str) -> str:
        """Return the link that opens the channel with the parameter, empty where there is none (yet)."""
        match channel:
            case Channel.TELEGRAM if self.telegram_name:
                return f"https://t.me/{self.telegram_name}?start={parameter}"
            case Channel.WECOM_KF if self.customer_service:
                mark = "&" if "?" in self.customer_service else "?"
                return f"{self.customer_service}{mark}scene_param={quote(parameter, safe='')}"
            case Channel.WEB if self.page:
                return f"{self.page.rstrip('/')}/?start={parameter}"
            case _:
                return ""
