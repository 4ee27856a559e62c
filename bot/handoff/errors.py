"""What can go wrong in handing a talk over. The message is for operators; `text_key` names the staff's sentence."""

from __future__ import annotations

from store.case_records import CaseEventKind, CaseState


class HandoffError(Exception):
    """The step cannot be taken."""

    text_key = "error.handoff"


class IllegalTransitionError(HandoffError):
    """The event is not possible in the state that the case is in."""

    text_key = "error.moved_on"

    def __init__(self, state: CaseState, kind: CaseEventKind, why: str = "") -> None:
        super().__init__(f"{kind} is not possible in {state}" + (f": {why}" if why else ""))
        self.state = state
        self.kind = kind


class NotYoursError(HandoffError):
    """The person may not take this step: the case is another's, another agency's, or the agency is in conflict."""

    text_key = "error.not_yours"


class CannotReachError(HandoffError):
    """The owner has no address at which a message would arrive."""

    text_key = "error.cannot_reach"


class EmptyMessageError(HandoffError):
    """There is nothing to send."""

    text_key = "error.empty"
