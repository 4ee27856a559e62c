"""What of e-mail differs between installations."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import StrEnum

_SHORTEST_SECRET = 16
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


class EmailSettingsError(Exception):
    """An e-mail setting is wrong; the message says which and how to set it right."""


class Tls(StrEnum):
    """How the connection is made safe."""

    STARTTLS = "starttls"  # begun in clear, then encrypted, before anything is said: port 587
    IMPLICIT = "implicit"  # encrypted from the first byte: port 465
    NONE = "none"  # only to a server on the same machine


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """One mail server. `sender` is the address that people see; `public_url` leads to the chat and to unsubscribing."""

    host: str
    sender: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Tls = Tls.STARTTLS
    public_url: str = ""
    link_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Raise EmailSettingsError where the settings cannot work."""
        if not is_address(self.sender_address) or not self.sender.isprintable():
            raise EmailSettingsError("the sender must be an e-mail address, as 知托 <notice@example.cn>")
        if self.tls is Tls.NONE and not _is_here(self.host):
            raise EmailSettingsError("without TLS mail goes only to a server on the same machine")
        if self.password and not self.user:
            raise EmailSettingsError("the mail server's password has no user")
        if max(len(self.password), len(self.link_secret)) < _SHORTEST_SECRET and self.public_url:
            raise EmailSettingsError(
                f"links for unsubscribing need a secret of {_SHORTEST_SECRET} characters or more"
            )

    @property
    def sender_address(self) -> str:
        """Return the sender's address without a name."""
        return parseaddr(self.sender)[1]

    @property
    def link_key(self) -> bytes:
        """Return the key that links for unsubscribing are signed with."""
        secret = self.link_secret or self.password
        return hmac.digest(secret.encode(), b"zhituo unsubscribe", hashlib.sha256)


def is_address(text: str) -> bool:
    """Return whether the text is one e-mail address and nothing else (RFC 5322 3.2.3, 3.4.1: the plain form)."""
    return _ADDRESS.fullmatch(text) is not None


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
