"""WeCom's callback encryption: a SHA-1 signature over the sorted parts, AES-256-CBC, PKCS#7 to 32 bytes.

The plain text is 16 random bytes, the length of the message in 4, the message, and whom it is for. The scheme signs a
concatenation without borders between its parts, so the parts' forms are checked first: otherwise a part could be passed
off as the end of another, and a message be taken that begins in the middle of a real one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.channels.wecom.errors import WecomCallbackError, WecomSettingsError
from bot.channels.wecom.limits import AES_KEY_CHARACTERS, PADDING_BLOCK

_RANDOM = 16
_LENGTH = 4
_TIMESTAMP = re.compile(r"[0-9]{10}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{1,32}")
_KEY = re.compile(rf"[A-Za-z0-9]{{{AES_KEY_CHARACTERS}}}")


class CallbackCrypto:
    """Opens what WeCom sends to one callback, and seals what goes back."""

    def __init__(self, token: str, encoding_aes_key: str, receive_id: str) -> None:
        if not _KEY.fullmatch(encoding_aes_key):
            raise WecomSettingsError(
                f"the EncodingAESKey must be the {AES_KEY_CHARACTERS} letters and digits that WeCom shows"
            )
        self._token = token
        # The last character carries two bits more than the key has; Tencent's own sample sets them.
        self._key = base64.b64decode(encoding_aes_key + "=")
        self._receive_id = receive_id

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """Return the signature of these parts under our token."""
        parts = sorted([self._token, timestamp, nonce, encrypted])
        return hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()

    def open(self, msg_signature: str, timestamp: str, nonce: str, encrypted: str) -> bytes:
        """Return the message. Raises WecomCallbackError for all that WeCom did not send to us."""
        if not _TIMESTAMP.fullmatch(timestamp) or not _NONCE.fullmatch(nonce):
            raise WecomCallbackError("the timestamp or the nonce is not of WeCom's form")
        try:
            given = msg_signature.encode()
            expected = self.signature(timestamp, nonce, encrypted).encode()
        except UnicodeEncodeError as error:
            raise WecomCallbackError("the parameters are no text") from error
        if not hmac.compare_digest(given, expected):
            raise WecomCallbackError("the signature does not match")
        return self._message(self._decrypted(encrypted))

    def seal(self, message: bytes, random: bytes | None = None) -> str:
        """Return the message encrypted for whom this callback is."""
        start = os.urandom(_RANDOM) if random is None else random
        plain = start + len(message).to_bytes(_LENGTH, "big") + message + self._receive_id.encode()
        padding = PADDING_BLOCK - len(plain) % PADDING_BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def _decrypted(self, encrypted: str) -> bytes:
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise WecomCallbackError("the message is not base64") from error
        if not sealed or len(sealed) % PADDING_BLOCK:
            raise WecomCallbackError("the message is cut off")
        decryptor = self._cipher().decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
        padding = padded[-1]
        if not 1 <= padding <= PADDING_BLOCK or padded[-padding:] != bytes([padding]) * padding:
            raise WecomCallbackError("the padding is wrong")
        return padded[:-padding]

    def _message(self, plain: bytes) -> bytes:
        head = _RANDOM + _LENGTH
        if len(plain) < head:
            raise WecomCallbackError("the message is too short")
        end = head + int.from_bytes(plain[_RANDOM:head], "big")
        if not hmac.compare_digest(plain[end:], self._receive_id.encode()):
            raise WecomCallbackError("the message is not for us")
        return plain[head:end]

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
