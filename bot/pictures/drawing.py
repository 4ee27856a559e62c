"""One thread draws. A picture, a paper or a spreadsheet holds the interpreter while it is made: two at once would leave a third of it,
not a half, to everybody who chats, and neither would be there sooner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")

_THREAD = ThreadPoolExecutor(1, thread_name_prefix="drawing")


async def in_turn(make: Callable[_Given, _Made], *args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
    """Return what `make` returns, called when everything asked for before it has been made. Raises what it raises."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, partial(make, *args, **kwargs))
