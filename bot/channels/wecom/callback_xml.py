"""WeCom's callbacks are XML. Read with nothing that XML can do beyond elements and text: no DTD, no entities."""

from __future__ import annotations

from xml.parsers import expat

from bot.channels.wecom.errors import WecomCallbackError
from bot.channels.wecom.limits import CALLBACK_BYTES

_DEEPEST = 8
_MOST_ELEMENTS = 500


def read(body: bytes) -> dict[str, str]:
    """Return the text of the elements right below the root, by name. Raises WecomCallbackError.

    Elements further down (the choices of a card with several questions) and second ones of a name are read over.
    """
    if len(body) > CALLBACK_BYTES:
        raise WecomCallbackError("the body is too long")
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.ProcessingInstructionHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, UnicodeError, ValueError) as error:
        raise WecomCallbackError("the body is no XML") from error
    if reader.root != "xml":
        raise WecomCallbackError("the body is not of WeCom's form")
    return reader.fields


def _refuse(*_: object) -> int:
    raise WecomCallbackError("the body declares what no callback declares")


class _Reader:
    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.root = ""
        self._path: list[str] = []
        self._elements = 0

    def start(self, name: str, _: dict[str, str]) -> None:
        self._elements += 1
        if len(self._path) >= _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise WecomCallbackError("the body has too many parts")
        if not self._path:
            self.root = name
        again = len(self._path) == 1 and name in self.fields
        if len(self._path) == 1 and not again:
            self.fields[name] = ""
        self._path.append("" if again else name)

    def end(self, _: str) -> None:
        self._path.pop()

    def text(self, text: str) -> None:
        if len(self._path) == 2 and self._path[1]:
            self.fields[self._path[1]] += text
