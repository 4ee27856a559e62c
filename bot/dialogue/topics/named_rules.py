"""A rule, table or score that the message names by its title or another name of it: 诉讼费, 商标质押, 小微企业.

The answer of the FAQ describes; where the message also tells what the rule asks for (索赔50万), it is computed at once.
"""

from __future__ import annotations

import re

from bot.dialogue.prefill import facts_said
from bot.dialogue.steps import step
from bot.dialogue.topics import faq
from bot.dialogue.topics.rules import check_document, check_subject, is_accused
from bot.dialogue.turn import Response, Turn, button, reply, say
from bot.understanding.intents import Intent
from bot.understanding.slots.slot import SlotKind
from knowledge.base import Evaluated
from rules.facts import FactState
from store.messages import Verb

SHORTEST_NAME = 3
NARROW = frozenset({"cost", "dispute-figures", "size", "qualification", "custody", "portfolio", "review"})
"""Kinds of rules whose names leave no doubt: 诉讼费, 会罚多少, 小微企业, 优先审查."""
PREMIUM = "premium"
_OF_PREMIUM = re.compile(r"保费测算$")
_WHAT_PREMIUM = re.compile(r"保费|多少钱|费率|几个?钱|怎么收")
WORD_FOR_WORD = 0.8
"""From this closeness on an entry of the FAQ holds the question itself."""
_CRIME = re.compile(r"判刑|坐牢|刑事|报警|犯罪|蹲监|公安|被抓")
_CRIMES = (
    ("crime.trade-secret", re.compile(r"商业秘密|泄密|客户名单|图纸|配方|跳槽")),
    ("crime.fake-patent", re.compile(r"(假冒|冒充|伪造).{0,4}专利|专利号是假")),
    ("crime.labels", re.compile(r"标识|商标标|吊牌|包装盒")),
    ("crime.sale-of-copies", re.compile(r"卖.{0,4}盗版|盗版.{0,6}(卖|销)")),
    ("crime.copyright", re.compile(r"盗版|版权|著作权|抄袭|软件")),
    (
        "crime.sale-of-counterfeits",
        re.compile(r"(卖|销售|销了|进了).{0,8}(假货|假冒|仿冒|仿品)|假货.{0,6}(卖|销)"),
    ),
    ("crime.counterfeit-goods", re.compile(r"假货|假冒|仿冒|仿品|商标|牌子")),
)
_PLEDGES = {"trademark": "pledge.trademark-check", "copyright": "pledge.copyright-check"}
_OF_RIGHT = {"trademark": "trademark", "copyright": "copyright", "software_copyright": "copyright"}


def named(turn: Turn) -> Evaluated | None:
    """Return the document in force whose longest name stands in the message, or None."""
    found: list[tuple[int, Evaluated]] = []
    texts = (turn.text, _without_amounts(turn))
    for document in turn.world.knowledge.documents():
        names = [name for name in _names(document) if len(name) >= SHORTEST_NAME]
        longest = max((len(name) for name in names if any(name in said for said in texts)), default=0)
        if longest and document.number_on(turn.today) is not None:
            found.append((longest, document))
    if not found:
        return None
    best = max(length for length, _ in found)
    longest_named = [document for length, document in found if length == best]
    return longest_named[0] if len(longest_named) == 1 else None


def _names(document: Evaluated) -> tuple[str, ...]:
    """Return what a document is called; a premium by its insurance, too: 专利执行保险."""
    product = _OF_PREMIUM.sub("", document.title) if document.kind == PREMIUM else ""
    return (document.title, *document.aliases, product)


def _without_amounts(turn: Turn) -> str:
    """Return the message as it would be without its amounts: 保全30万要多少钱 names 保全要多少钱."""
    text = turn.text
    for slot in reversed(turn.slots(SlotKind.AMOUNT)):
        text = text[: slot.start] + text[slot.end :]
    return text


@step("faq: or the rule it names")
def answer(turn: Turn) -> Response:
    """Compute what the message names and tells enough of; else answer from the FAQ."""
    if turn.intent is Intent.LAWSUIT and is_accused(turn):
        return check_subject(turn, "accused")
    document = named(turn)
    if document is not None and _tells(turn, document):
        return check_document(turn, document.id)
    return faq.answer(turn)


def _tells(turn: Turn, document: Evaluated) -> bool:
    """Return whether the message states something that the document asks for."""
    said = facts_said(turn, [document], turn.world.knowledge.facts)
    return any(fact.state is FactState.VALUE for fact in said.values())


@step("assess: accused")
def accused(turn: Turn) -> Response | None:
    """Answer somebody who is accused, also where it is left open of which right; None where nobody accuses them."""
    return check_subject(turn, "accused") if is_accused(turn) else None


@step("assess: named in a wish")
def plainly_named(turn: Turn) -> Response | None:
    """Compute the rule of a narrow matter that the message names and tells enough of, whatever else it resembles."""
    if _CRIME.search(turn.text):
        return _held_by_faq(turn) or crime(turn)
    document = named(turn)
    if document is not None and document.kind == PREMIUM and _WHAT_PREMIUM.search(turn.text):
        return _premium(turn, document)
    if document is None or document.kind not in NARROW or not _tells(turn, document):
        return None
    return check_document(turn, document.id)


def _held_by_faq(turn: Turn) -> Response | None:
    """Return the FAQ's answer to a question that it holds word for word."""
    found = turn.world.faq.find(turn.text, turn.today)
    if not found or found[0].closeness < WORD_FOR_WORD or turn.slots(SlotKind.AMOUNT):
        return None
    return faq.plainly(turn, found[0].entry)


@step("assess: premium of a named insurance")
def _premium(turn: Turn, document: Evaluated) -> Response:
    """Compute the premium; an amount that may be the limit of several things is asked for again where it belongs."""
    response = check_document(turn, document.id)
    amounts = turn.slots(SlotKind.AMOUNT)
    goal = response.conversation.goal
    if not amounts or goal is None or goal.question is None or _tells(turn, document):
        return response
    return response.led_by(say("assess.amount_open", said=amounts[0].text))


@step("assess: crime")
def crime(turn: Turn) -> Response | None:
    """Check whether it is enough for a crime by the kind of right; ask which where the message leaves it open.

    Infringing a patent is none: only passing off is (刑法第216条). That is left to the FAQ.
    """
    rules = turn.world.knowledge.rules
    for rule_id, pattern in _CRIMES:
        if pattern.search(turn.text) and rule_id in rules:
            return check_document(turn, rule_id)
    if "专利" in turn.text:
        return None
    choices = [
        button(rule.title, Verb.START, "document", rule.id)
        for rule in turn.world.knowledge.rules_of_kind("crime")
        if rule.number_on(turn.today) is not None
    ]
    return reply(turn.conversation, say("assess.which_crime"), *choices) if choices else None


@step("assess: pledge")
def pledge(turn: Turn) -> Response | None:
    """Check the pledge of a mark or a copyright by its own rule; None where a patent, or nothing, is named."""
    slot = turn.slot(SlotKind.RIGHT_TYPE)
    kind = _OF_RIGHT.get(str(slot.value)) if slot is not None else None
    return check_document(turn, _PLEDGES[kind]) if kind else None
