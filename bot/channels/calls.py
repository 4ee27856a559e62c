"""What every vendor's calls over HTTP have in common: the proxy of the environment, and errors after which nothing was sent."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

# The call had no connection yet: it was certainly not carried out.
NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names (`HTTPS_PROXY`), or None."""
    to = urlsplit(url)
    return None if proxy_bypass(to.netloc) else getproxies().get(to.scheme)


def open_session(connections: int, user_agent: str = "zhituo") -> aiohttp.ClientSession:
    """Return a pool of connections that keeps no cookies. It repeats no POST by itself: a message might arrive twice."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections),
        headers={"User-Agent": user_agent},
        cookie_jar=aiohttp.DummyCookieJar(),
    )
