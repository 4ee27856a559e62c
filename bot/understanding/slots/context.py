"""What stands just before a thing found in a text: the words that say how it is meant."""

from __future__ import annotations

import re
from typing import Final

FARTHEST: Final = 16


def just_before(match: re.Match[str]) -> str:
    """Return the few characters before the match. A cue that ends there is near: looking at all that was said before
    would read a long message once over for each of its numbers.
    """
    return match.string[max(0, match.start() - FARTHEST) : match.start()]
