"""Passwords: hashed, not guessable, printed so that they are read without doubt."""

from __future__ import annotations

import pytest

from desk.passwords import hash_password, one_time_password, verify_password, weakness


def test_a_password_fits_only_its_own_hash() -> None:
    hashed = hash_password("一个 很长的 密码")
    assert hashed.startswith("$argon2id$")
    assert verify_password(hashed, "一个 很长的 密码")
    assert not verify_password(hashed, "一个 很长的 密码 ")
    assert not verify_password("not a hash", "x")


def test_nobody_has_no_password() -> None:
    assert not verify_password(None, "")
    assert not verify_password(None, "anything")


def test_one_time_passwords_differ_and_hold_nothing_misread() -> None:
    made = {one_time_password() for _ in range(50)}
    assert len(made) == 50
    assert not set("".join(made)) & set("01ilo")
    assert weakness(made.pop(), "zhou") is None


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("short", "password.short"),
        ("x" * 201, "password.long"),
        ("aaaaaaaaaaaa", "password.guessable"),
        ("zhou-is-my-name", "password.guessable"),
        ("the old password", "password.same"),
        ("a fine new one", None),
    ],
)
def test_what_a_new_password_must_be(password: str, key: str | None) -> None:
    assert weakness(password, "zhou", "the old password") == key
