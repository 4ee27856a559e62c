"""Where a talk stands: a value that is stored as JSON between two messages."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from store.messages import Choice


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class GoalKind(StrEnum):
    """What the person and the bot are working on."""

    ASSESS = "assess"  # decide rules and tables: subsidies, pledge, insurance, routes
    DEADLINE = "deadline"  # compute a day and an amount from a few inputs
    ADD_ASSET = "add_asset"  # complete what is known of a right
    PAID = "paid"  # the day paid, then the receipt
    CONSENT = "consent"  # may the data go to a person?
    CONFIRM = "confirm"  # a second yes before something that is hard to undo


class OpenQuestion(_Kept):
    """What was asked last: a fact of the dictionary, or an input of a deadline or asset."""

    name: str
    partly: str = ""  # what was said of a day that is not complete yet (`partly_said`)


class Goal(_Kept):
    """One thing to be settled. `values` holds what was said for it and is not the company's for good."""

    kind: GoalKind
    subject: str  # rule kind, deadline kind, right type, obligation id, what to confirm
    targets: tuple[str, ...] = ()
    values: dict[str, Any] = Field(default_factory=dict)
    declined: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()  # in order, for 返回
    question: OpenQuestion | None = None
    intent: str = ""

    def with_value(self, name: str, value: Any) -> Goal:
        """Return the goal with one more thing said; it is then no longer the open question."""
        return self.model_copy(
            update={
                "values": {**self.values, name: value},
                "declined": tuple(other for other in self.declined if other != name),
                "question": None,
            }
        )

    def with_declined(self, name: str) -> Goal:
        """Return the goal with `name` never asked again in it."""
        return self.model_copy(
            update={"declined": tuple(dict.fromkeys((*self.declined, name))), "question": None}
        )

    def asking(self, name: str, partly: str = "") -> Goal:
        """Return the goal with `name` as its open question."""
        asked = self.asked if name in self.asked else (*self.asked, name)
        return self.model_copy(update={"asked": asked, "question": OpenQuestion(name=name, partly=partly)})

    def same_as(self, other: Goal) -> bool:
        """Return whether both are work on the same thing, however far each has come."""
        return (self.kind, self.subject, self.targets) == (other.kind, other.subject, other.targets)

    def without(self, name: str) -> Goal:
        """Return the goal with `name` not said and not asked: one step back."""
        return self.model_copy(
            update={
                "values": {key: value for key, value in self.values.items() if key != name},
                "declined": tuple(other for other in self.declined if other != name),
                "asked": tuple(other for other in self.asked if other != name),
                "question": None,
            }
        )


class Conversation(_Kept):
    """The talk with one person. `goals` is a stack: the last one is being worked on."""

    goals: tuple[Goal, ...] = ()
    settled: Goal | None = None  # the last goal that was answered: "不对，是2021年" computes it anew
    choices: tuple[Choice, ...] = ()  # the buttons last offered: their text may also be typed
    last_intent: str = ""
    last_question: str = ""  # the person's own words, for the dossier
    last_day: date | None = None
    revision: str = ""  # the published knowledge that the goals were last worked on with
    later: str = ""  # the intent of a second wish in one message, to be offered when the first is done

    @property
    def goal(self) -> Goal | None:
        """The goal being worked on."""
        return self.goals[-1] if self.goals else None

    def choice_named(self, text: str) -> Choice | None:
        """Return the button last offered whose text was typed: as good as pressing it."""
        said = text.strip().strip("？?。［］")
        return next((choice for choice in self.choices if said and said == choice.text.strip("？?。")), None)

    def start(self, goal: Goal) -> Conversation:
        """Return the conversation working on a new goal; one of the same kind and subject is begun anew."""
        others = tuple(
            other for other in self.goals if (other.kind, other.subject) != (goal.kind, goal.subject)
        )
        return self.model_copy(update={"goals": (*others, goal)[-MAX_GOALS:]})

    def replace(self, goal: Goal) -> Conversation:
        """Return the conversation with the current goal replaced."""
        return self.model_copy(update={"goals": (*self.goals[:-1], goal)})

    def settle(self) -> Conversation:
        """Return the conversation with the current goal answered."""
        return self.model_copy(update={"goals": self.goals[:-1], "settled": self.goal})

    def drop(self) -> Conversation:
        """Return the conversation with the current goal given up."""
        return self.model_copy(update={"goals": self.goals[:-1]})

    def fresh(self) -> Conversation:
        """Return the conversation with no goal left: 重新开始."""
        return self.model_copy(update={"goals": (), "settled": None, "choices": (), "later": ""})


MAX_GOALS = 5
