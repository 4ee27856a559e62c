"""One turn: what was there, what was said, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.dialogue.conversation import Conversation
from bot.dialogue.effects import Effect
from bot.dialogue.world import Heard, World
from bot.understanding.intents import Intent
from bot.understanding.slots.slot import Slot, SlotKind
from knowledge.catalogue import Catalogue
from store.messages import Action, Choice, Outgoing, TextPart, Verb

TEXTS = Catalogue.load(Path(__file__).with_name("texts.yaml"))
say = TEXTS.say


@dataclass(frozen=True, slots=True)
class Turn:
    """The values a topic works on."""

    conversation: Conversation
    heard: Heard
    world: World
    today: date

    @property
    def text(self) -> str:
        """Return the normalised text, empty where there was none."""
        return self.heard.understood.text if self.heard.understood else ""

    @property
    def intent(self) -> Intent:
        """Return what the message was taken for."""
        return self.heard.understood.intent if self.heard.understood else Intent.OUT_OF_SCOPE

    def slots(self, kind: SlotKind) -> tuple[Slot, ...]:
        """Return what was found of a kind, in order."""
        if self.heard.understood is None:
            return ()
        return tuple(slot for slot in self.heard.understood.slots if slot.kind is kind)

    def slot(self, kind: SlotKind) -> Slot | None:
        """Return the first of a kind with a value, else the first with a problem, else None."""
        found = self.slots(kind)
        return next((slot for slot in found if slot.value is not None), found[0] if found else None)

    def with_conversation(self, conversation: Conversation) -> Turn:
        """Return the turn going on from another state."""
        return Turn(conversation, self.heard, self.world, self.today)


@dataclass(frozen=True, slots=True)
class Response:
    """What one turn comes to."""

    conversation: Conversation
    replies: tuple[Outgoing, ...]
    effects: tuple[Effect, ...] = ()

    def preceded_by(self, *replies: Outgoing) -> Response:
        """Return the response with messages before its own."""
        return Response(self.conversation, (*replies, *self.replies), self.effects)

    def led_by(self, words: str) -> Response:
        """Return the response with `words` before its own, in its first message: one message is one sound on a phone."""
        if not self.replies:
            return self.preceded_by(Outgoing.say(words))
        first = self.replies[0]
        led = first.model_copy(update={"parts": (TextPart(text=words), *first.parts)})
        return Response(self.conversation, (led, *self.replies[1:]), self.effects)

    def with_effects(self, *effects: Effect) -> Response:
        """Return the response with effects before its own."""
        return Response(self.conversation, self.replies, (*effects, *self.effects))


def reply(
    conversation: Conversation, text: str, *choices: Choice, effects: Iterable[Effect] = ()
) -> Response:
    """Return a response of one text."""
    return Response(conversation, (Outgoing.say(text, *choices),), tuple(effects))


def button(text: str, verb: Verb, about: str = "", value: str = "") -> Choice:
    """Return a button."""
    return Choice(text=text, action=Action(verb=verb, about=about, value=value))


def asking_for(text: str, question: str) -> Choice:
    """Return a button that says `question` in the person's place."""
    return button(text, Verb.SAY, value=question)


PERSON_BUTTON = button("转人工", Verb.HUMAN)
