"""Wishes that rules and tables decide: subsidies, pledge, insurance, routes, fee reduction."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.effects import RememberFacts
from bot.dialogue.goals.documents import documents
from bot.dialogue.goals.points import form_of, order_of
from bot.dialogue.goals.work import begin
from bot.dialogue.prefill import facts_said
from bot.dialogue.steps import step
from bot.dialogue.topics import faq
from bot.dialogue.topics.plain_questions import plainly_asked
from bot.dialogue.turn import TEXTS, Response, Turn, button, reply, say
from knowledge.loader import KnowledgeBase
from rules.facts import FactState, Scope
from store.fact_values import to_json
from store.messages import Verb


@dataclass(frozen=True, slots=True)
class Subject:
    """A group of rules and tables that answer one kind of wish together."""

    intent: str
    targets: tuple[str, ...] = ()
    rule_kind: str = ""  # and before them: all rules of this kind
    openers: frozenset[str] = frozenset()  # entries of the FAQ that ask for the check itself


SUBJECTS: dict[str, Subject] = {
    "subsidy": Subject(
        "subsidy",
        ("subsidy.district-office",),
        rule_kind="subsidy",
        openers=frozenset({"subsidy.how-to-ask", "subsidy.district"}),
    ),
    "pledge": Subject("pledge", ("pledge.patent-check",), openers=frozenset({"pledge.what"})),
    "insurance": Subject("insurance", ("insurance.product-choice",), openers=frozenset({"insurance.kinds"})),
    "fee_reduction": Subject("fee_reduction", ("fee.reduction",), openers=frozenset({"fee_reduction.who"})),
    "route_patent": Subject(
        "infringement_patent",
        ("dispute.route-patent",),
        openers=frozenset({"infringement_patent.copied"}),
    ),
    "route_trademark": Subject(
        "infringement_trademark",
        ("dispute.route-trademark",),
        openers=frozenset({"infringement_trademark.copied"}),
    ),
    "route_copyright": Subject(
        "infringement_copyright",
        ("dispute.route-copyright",),
        openers=frozenset({"infringement_copyright.stolen"}),
    ),
    "route_secret": Subject(
        "trade_secret", ("dispute.route-secret",), openers=frozenset({"trade_secret.leak"})
    ),
    "route_platform": Subject(
        "platform_complaint",
        ("dispute.route-trademark",),
        openers=frozenset({"platform_complaint.how"}),
    ),
    "premium": Subject("insurance"),
    "document": Subject("other_ip"),  # one rule, table or score by its name
    "accused": Subject("infringement_patent", ("dispute.accused",)),
}
INTENT_OF_KIND = {
    "cost": "lawsuit",
    "crime": "lawsuit",
    "dispute-figures": "lawsuit",
    "custody": "custody",
    "valuation": "valuation",
    "portfolio": "valuation",
    "review": "navigation_analysis",
    "qualification": "fast_exam",
    "size": "subsidy",
    "pilot": "subsidy",
    "subsidy-agency": "subsidy",
    "pledge-comparable": "pledge",
}
_ACCUSED = re.compile(
    r"(被(人|别人|对方|平台|同行|竞争对手)?(投诉|告|起诉|指控|举报|下架)|收到.{0,8}(律师函|起诉状|传票|投诉|警告函)|说我们?(侵权|侵犯|抄袭)|告我们?|起诉我们?|投诉我们?"
    r"|收到.{0,12}(裁决请求书|请求书副本|答辩通知|处罚告知|听证告知)|(起诉状|传票|应诉通知).{0,20}(收到|送达|拿到)|被.{0,6}(知识产权局|市场监管局|市监局|执法).{0,4}(立案|查|罚))"
)
_FEARED = re.compile(r"(怕|担心|万一|以防|防止|避免|会不会)[^,，。]{0,6}(被|告|起诉|投诉)")
_QUESTION_OF_LAW = re.compile(r"^(什么是|何谓|怎么理解)|(是什么意思|有哪些种类|的区别)")


def targets_of(knowledge: KnowledgeBase, subject: str) -> tuple[str, ...]:
    """Return the ids of the rules and tables of a subject that the published knowledge has."""
    chosen = SUBJECTS[subject]
    of_kind = tuple(rule.id for rule in knowledge.rules_of_kind(chosen.rule_kind)) if chosen.rule_kind else ()
    wanted = (*of_kind, *chosen.targets)
    return tuple(document.id for document in documents(knowledge, wanted))


def is_subject(name: str) -> bool:
    """Return whether a button may start this subject."""
    return name in SUBJECTS


def subject_topic(subject: str) -> Callable[[Turn], Response]:
    """Return the topic that decides a subject's rules."""

    def topic(turn: Turn) -> Response:
        if _QUESTION_OF_LAW.search(turn.text):
            return faq.answer(turn)
        if subject.startswith("route_") and is_accused(turn):
            return check_subject(turn, "accused")
        return _plainly_asked(turn, subject) or check_subject(turn, subject)

    return topic


def _plainly_asked(turn: Turn, subject: str) -> Response | None:
    """质押登记要多久 is no wish to have one's own patent checked, 专利侵权能赔多少 none to be shown the way."""
    chosen = SUBJECTS[subject]
    check = button(say(f"assess.{subject}.start_button"), Verb.START, subject)
    return plainly_asked(turn, chosen.intent, chosen.openers, check, chosen.targets)


def is_accused(turn: Turn) -> bool:
    """Return whether the message says that somebody accuses the owner of an infringement; 怕被告 only fears it."""
    return not _FEARED.search(turn.text) and _ACCUSED.search(turn.text) is not None


@step("assess: begin")
def check_subject(turn: Turn, subject: str) -> Response:
    """Start to decide all rules of a subject with what is known and was said."""
    return _begin(turn, subject, targets_of(turn.world.knowledge, subject))


@step("assess: one rule")
def check_one_rule(turn: Turn, rule_id: str) -> Response:
    """Start to decide one rule, as a broadcast's button asks."""
    rule = turn.world.knowledge.rules.get(rule_id)
    if rule is None:
        return reply(turn.conversation, say("assess.no_such_rule"))
    subject = next((name for name, known in SUBJECTS.items() if known.rule_kind == rule.kind), "subsidy")
    return _begin(turn, subject, (rule_id,))


@step("assess: linked document")
def check_document(turn: Turn, document_id: str) -> Response:
    """Start to decide the rule or table that an answer refers to."""
    found = documents(turn.world.knowledge, (document_id,))
    if not found:
        return reply(turn.conversation, say("assess.no_such_rule"))
    kind = found[0].kind
    return _begin(
        turn, kind if kind in SUBJECTS else "document", (document_id,), INTENT_OF_KIND.get(kind, "")
    )


def _open(turn: Turn, subject: str, targets: tuple[str, ...]) -> Goal | None:
    """Return the open goal of the same rules: the wish said once more does not ask everything again."""
    return next((g for g in turn.conversation.goals if (g.subject, g.targets) == (subject, targets)), None)


def _begin(turn: Turn, subject: str, targets: tuple[str, ...], intent: str = "") -> Response:
    if not targets:
        return faq.answer(turn)
    knowledge = turn.world.knowledge
    said = facts_said(turn, documents(knowledge, targets), knowledge.facts)
    company = {
        name: fact for name, fact in said.items() if turn.world.knowledge.facts[name].scope is Scope.COMPANY
    }
    values = {name: to_json(fact.value) for name, fact in said.items() if fact.state is FactState.VALUE}
    before = _open(turn, subject, targets)
    goal = Goal(
        kind=GoalKind.ASSESS,
        subject=subject,
        targets=targets,
        values={**(before.values if before else {}), **values},
        declined=before.declined if before else (),
        intent=intent or SUBJECTS[subject].intent,
    )
    key = f"assess.{subject}.begin"
    how = say(key) if key in TEXTS else ""
    if (form := form_of(turn, goal)) is not None:
        how = "\n".join((say("score.begin", title=form.title), order_of(turn, form)))
    heard = "；".join(
        f"{name}：{turn.world.knowledge.facts[name].format(fact.value)}" for name, fact in said.items()
    )
    response = begin(turn, goal, before_asking=how, lead=say("assess.heard", heard=heard) if heard else "")
    return response.with_effects(RememberFacts(company)) if company else response
