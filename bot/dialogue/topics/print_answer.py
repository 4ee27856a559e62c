"""存成PDF: an answer on paper, the one that the button stands under or else the last one."""

from __future__ import annotations

import re

from bot.dialogue.effects import SendPaper
from bot.dialogue.steps import step
from bot.dialogue.turn import Response, Turn, button, say
from store.messages import Choice, CitationPart, Outgoing, Verb

PRINT = "print_answer"
LONGEST = 18  # a longer message asks something else
_WISH = re.compile(
    r"(发|给|传|导|存|生成|下载|转|做|保存|要|弄).{0,8}pdf|pdf.{0,4}(发|给|下载)|^(一?份)?pdf(版|文件|格式)?(吧|呢)?[。！!]?$"
    r"|^(帮我|我要|请)?(打印|打出来|列印)(一下|一份|出来)?(上面|刚才|这个|这条|这份)?(的)?(回答|答复|答案|结果|内容)?(吧)?[。！!]?$",
    re.IGNORECASE,
)
_MOST_CHOICES = 5  # a WeCom card shows six: the answer's own buttons come first


def is_wish(text: str) -> bool:
    """Return whether a short message asks for the last answer on paper."""
    said = text.strip()
    return 0 < len(said) <= LONGEST and _WISH.search(said) is not None


def asked(turn: Turn) -> Response | None:
    """Return the response to such a wish, or None when the message is none."""
    return make(turn) if is_wish(turn.heard.text) or is_wish(turn.text) else None


@step("print answer")
def make(turn: Turn) -> Response:
    """Send the paper. Which answer it holds was read before the turn began, with the database's own eyes."""
    return Response(turn.conversation, (), (SendPaper(),))


def with_button(reply: Outgoing) -> Outgoing:
    """Return a computed answer with the button that puts it on paper, where there is room for one more."""
    cited = any(isinstance(part, CitationPart) for part in reply.parts)
    if not cited or len(reply.choices) > _MOST_CHOICES:
        return reply
    return reply.model_copy(update={"choices": (*reply.choices, _button())})


def _button() -> Choice:
    return button(say("print.button"), Verb.START, PRINT)
