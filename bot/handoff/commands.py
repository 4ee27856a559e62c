"""What staff and administrators command in a chat: `/note 等营业执照`, `/结束 已办完`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Word(StrEnum):
    """One command; its value is how it is typed."""

    BIND = "bind"  # with a code from the desk
    UNBIND = "unbind"
    NOTE = "note"  # an internal note
    WAIT = "wait"
    RETURN = "return"
    CLOSE = "close"
    QUEUE = "queue"
    SWITCH = "switch"  # to another of the cases in hand, where one chat is for all
    HELP = "help"


_ALSO = {
    "绑定": Word.BIND,
    "解除绑定": Word.UNBIND,
    "备注": Word.NOTE,
    "等客户": Word.WAIT,
    "交还": Word.RETURN,
    "交还机器人": Word.RETURN,
    "结束": Word.CLOSE,
    "队列": Word.QUEUE,
    "切换": Word.SWITCH,
    "帮助": Word.HELP,
    "start": Word.HELP,
}
_FORM = re.compile(r"[/／](?P<word>[^\s@]{1,20})(?:@\w+)?(?:\s+(?P<rest>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what stands behind it."""

    word: Word
    rest: str = ""


def read(text: str) -> Command | None:
    """Return the command that the text is; None for any other text."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    name = found["word"].lower()
    word = Word(name) if name in set(Word) else _ALSO.get(name)
    return None if word is None else Command(word, (found["rest"] or "").strip())
