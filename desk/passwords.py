"""Passwords of staff: argon2id hashes, one-time passwords, and what a new password must be."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH: Final = 10
MAX_LENGTH: Final = 200
_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is misread on paper
_GROUPS, _GROUP_LENGTH = 4, 4

_hasher: Final = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the argon2id hash that is stored. Takes tens of milliseconds: call it off the event loop."""
    return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Return whether the password fits the hash.

    Without a hash (nobody of that login) the same work is done, so that the time taken does not tell who exists.
    """
    try:
        return _hasher.verify(password_hash or _nobody(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def one_time_password() -> str:
    """Return a password to be printed once and changed at the first sign-in: `abcd-efgh-jkmn-pqrs`, 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))


def weakness(password: str, login: str, old: str = "") -> str | None:
    """Return the key of the sentence that says what is wrong with a new password, or None when it will do."""
    if len(password) < MIN_LENGTH:
        return "password.short"
    if len(password) > MAX_LENGTH:
        return "password.long"
    if len(set(password)) < 4 or (login and login.casefold() in password.casefold()):
        return "password.guessable"
    if password == old:
        return "password.same"
    return None
