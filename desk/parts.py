"""Pieces of a page that hold still while the page follows what happens (`desk.live`).

A press is lost when its button is deleted and drawn anew between the finger going down and the server hearing of it;
so is what somebody is writing, and where they had scrolled to. A page is therefore made of parts under keys: a part
stays as it is while what it shows stays the same, whatever happens around it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Final

from nicegui import ui
from nicegui.element import Element

_NOTHING: Final = object()


def _no_box() -> Element:
    """Return an element that is not there for the layout: what is in it stands where it stands."""
    return ui.element("div").classes("contents")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a page. `draw` runs in what `box` made, and again only when `shows` is no longer equal.

    The box itself stays: what is pressed as a whole listens there, and may use nothing but the key.
    """

    key: Hashable
    shows: object
    draw: Callable[[], object]
    box: Callable[[], Element] = _no_box


@dataclass(slots=True)
class _Drawn:
    box: Element
    shows: object


class Parts:
    """The parts in one place of a page, in order."""

    def __init__(self, place: Element | None = None) -> None:
        self._place = place or _no_box()
        self._drawn: dict[Hashable, _Drawn] = {}

    def has(self, key: Hashable) -> bool:
        """Return whether the part is shown."""
        return key in self._drawn

    def written(self, key: Hashable, shows: object) -> None:
        """Remember that a part shows this already, because a person has written it there."""
        if key in self._drawn:
            self._drawn[key].shows = shows

    def show(self, wanted: Iterable[Part]) -> None:
        """Show these parts in this order: others go, those that show the same are left alone."""
        parts = {part.key: part for part in wanted}
        for key in [key for key in self._drawn if key not in parts]:
            self._drawn.pop(key).box.delete()
        for part in parts.values():
            self._draw(part)
        for index, key in enumerate(parts):
            box = self._drawn[key].box
            if self._place.default_slot.children[index] is not box:
                box.move(target_index=index)

    def _draw(self, part: Part) -> None:
        drawn = self._drawn.get(part.key)
        if drawn is None:
            with self._place:
                drawn = self._drawn[part.key] = _Drawn(part.box(), _NOTHING)
        elif drawn.shows == part.shows:
            return
        drawn.box.clear()
        with drawn.box:
            part.draw()
        drawn.shows = part.shows  # only now: what could not be drawn is tried again


def once(step: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """Return a handler that takes one step at a time: a second press while the first is on its way does nothing.

    The step belongs to the page, not to the part that was pressed: that one may go while the step is on its way.
    """
    taking = False

    async def press() -> None:
        nonlocal taking
        if taking:
            return
        taking = True
        try:
            with ui.context.client.content:
                await step()
        finally:
            taking = False

    return press


def button(
    label: str, step: Callable[[], Awaitable[object]], *, icon: str | None = None, props: str = ""
) -> ui.button:
    """Draw a button that takes one step at a time, and shows that it is on its way."""

    async def take() -> None:
        drawn.props("loading")
        try:
            await step()
        finally:
            if not drawn.is_deleted:
                drawn.props(remove="loading")

    drawn = ui.button(label, icon=icon, on_click=once(take)).props(props)
    return drawn


def button_part(
    label: str, step: Callable[[], Awaitable[object]], *, icon: str | None = None, props: str = ""
) -> Part:
    """Return the part that is this button: it stays the same button for as long as the page has it."""
    return Part(("button", label), None, lambda: button(label, step, icon=icon, props=props))
