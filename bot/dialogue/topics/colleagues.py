"""Who else speaks for the company: invite somebody, let them in or not, see them and put one out again."""

from __future__ import annotations

import re

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.effects import DecideInvite, MakeInvite
from bot.dialogue.goals.work import begin
from bot.dialogue.replies.places import member_name
from bot.dialogue.steps import step
from bot.dialogue.turn import Response, Turn, button, reply, say
from store.messages import Choice, Verb

LONGEST = 24  # a longer message asks something else
_WHO = r"(同事|会计|合伙人|老板|员工|助理)"
_INVITE = re.compile(
    rf"邀请.{{0,4}}({_WHO}|别人|人)|(让|叫|给).{{0,4}}{_WHO}.{{0,6}}(也(能|可以|来)?(用|看|管)|加入|进来)|^邀请$|加(一?个)?同事"
)
_PEOPLE = re.compile(
    rf"(谁|哪些人|什么人)(能|可以|在)?.{{0,3}}看.{{0,4}}我?们?.{{0,2}}(资料|期限)|({_WHO}|他|她).{{0,4}}(退出|移出)|有哪些同事"
)


def asked(turn: Turn) -> Response | None:
    """Return the answer to a short message about colleagues, or None when it is about something else."""
    said = turn.text.strip()
    if not said or len(said) > LONGEST:
        return None
    if _INVITE.search(said):
        return invite(turn)
    return people(turn) if _PEOPLE.search(said) else None


@step("colleagues: invite")
def invite(turn: Turn) -> Response:
    """Make an invitation; nobody is let in by it alone."""
    return Response(turn.conversation, (), (MakeInvite(),))


@step("colleagues: decide")
def decide(turn: Turn, invite_id: int, accepted: bool) -> Response:
    """The inviter's word about somebody who opened the invitation."""
    return Response(turn.conversation, (), (DecideInvite(invite_id, accepted),))


@step("colleagues: people")
def people(turn: Turn) -> Response:
    """Say who was let in, with the way out."""
    members = turn.world.places.let_in
    if not members:
        return reply(turn.conversation, say("invite.nobody"), invite_button())
    lines = "\n".join(say("invite.line", name=member_name(each)) for each in members)
    choices = [
        button(say("invite.put_out_button", name=member_name(each)), Verb.CONFIRM, "put_out", str(each.id))
        for each in members
    ]
    return reply(turn.conversation, say("invite.people", lines=lines), *choices, invite_button())


@step("colleagues: put out, first step")
def ask_to_put_out(turn: Turn, person_id: int) -> Response:
    """Ask a second time before somebody is put out."""
    member = next((each for each in turn.world.places.let_in if each.id == person_id), None)
    if member is None:
        return reply(turn.conversation, say("invite.put_out_gone"))
    goal = Goal(
        kind=GoalKind.CONFIRM,
        subject="put_out",
        targets=(str(person_id),),
        values={"what": say("invite.put_out_ask", name=member_name(member))},
        intent="settings",
    )
    return begin(turn, goal)


def invite_button() -> Choice:
    """Return the button that makes an invitation."""
    return button(say("invite.button"), Verb.START, "invite")
