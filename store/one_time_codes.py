"""One-time codes that people read from one screen and write on another, or that a link carries.

Eight of thirty-one characters are forty bits: with what `Bindings` lets anybody try, none is found by guessing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else: no 0 O 1 I L
CHARACTERS = 8
_SIGN = f"[{ALPHABET}]"
_CODE = rf"({_SIGN}{{4}})[\s-]?({_SIGN}{{4}})"
_FOR = {"绑定": "bind", "验证": "bind", "加入": "join", "邀请": "join"}
_NAMED = re.compile(rf"(?:我的)?(?P<word>绑定|验证|加入|邀请)码?(?:是|为)?[\s::,,]*{_CODE}[。.!\s]*")
_ALONE = re.compile(rf"{_CODE}[。.!\s]*")
_LINKED = re.compile(rf"(?:\S*[?&](?:START|SCENE_PARAM)=|/START\s+)?(?P<word>BIND|JOIN)_{_CODE}")
_ANYWHERE = re.compile(rf"(?<![0-9A-Z]){_SIGN}{{4}}[\s-]?{_SIGN}{{4}}(?![0-9A-Z])", re.IGNORECASE)
HIDDEN = "••••-••••"


class Purpose(StrEnum):
    """What a code lets one do. The values are how links name it."""

    BIND = "bind"  # be the same person on another channel
    JOIN = "join"  # ask to join a company


@dataclass(frozen=True, slots=True)
class SaidCode:
    """A code that somebody wrote, and what it is for where a word or a link says so."""

    code: str
    purpose: Purpose | None


def new_code() -> str:
    """Return a code with a letter and a digit in it, so that neither a number nor a word is ever one."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CHARACTERS))
        if _is_mixed(code):
            return code


def shown(code: str) -> str:
    """Return the code as people read it: `K7MP-3WXN`."""
    return f"{code[:4]}-{code[4:]}"


def said_code(text: str) -> SaidCode | None:
    """Return the code when the whole text is one ("绑定 K7MP-3WXN", "k7mp3wxn", a link with it), else None."""
    if len(text) > 200:
        return None
    read = unicodedata.normalize("NFKC", text).strip().upper()
    for form in (_NAMED, _LINKED, _ALONE):
        found = form.fullmatch(read)
        if found is None:
            continue
        word = found.groupdict().get("word")
        code = "".join(found.groups()[-2:])
        if _is_mixed(code):
            return SaidCode(code, None if word is None else Purpose(_FOR.get(word, word.lower())))
    return None


def hidden(text: str) -> str:
    """Return the text with what looks like a code made unreadable: for what is kept and what others read."""
    return _ANYWHERE.sub(lambda found: HIDDEN if _is_mixed(found[0].upper()) else found[0], text)


def code_hash(code: str) -> str:
    """Return what is kept of a code."""
    # A code could be found from its hash in hours; it lives for minutes, or needs a second person's yes.
    return hashlib.sha256(f"zhituo one-time code {code}".encode()).hexdigest()


def _is_mixed(code: str) -> bool:
    return any(sign.isdecimal() for sign in code) and any(sign.isalpha() for sign in code)
