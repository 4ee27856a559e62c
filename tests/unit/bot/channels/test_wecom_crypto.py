"""WeCom's callback encryption against Tencent's own sample, against everything that is not it, and against npm's."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.channels.wecom import callback_xml
from bot.channels.wecom.crypto import CallbackCrypto
from bot.channels.wecom.errors import WecomCallbackError, WecomSettingsError

# Tencent's published sample for the callback encryption scheme.
TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
RECEIVE_ID = "wx5823bf96d3bd56c7"
GET = (
    "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    "1409659589",
    "263014780",
    "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
)
POST = ("477715d11cdb4164915debcba66cb864d751f3e6", "1409659813", "1372623149")
POST_ENCRYPT = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvu"
    "JTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwG"
    "c2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9"
    "EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0"
    "lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)
BODY = (
    f"<xml><ToUserName><![CDATA[{RECEIVE_ID}]]></ToUserName><Encrypt><![CDATA[{POST_ENCRYPT}]]></Encrypt>"
    "<AgentID><![CDATA[218]]></AgentID></xml>"
).encode()
MUTATIONS = 12_000
PEER = Path(__file__).resolve().parents[4] / ".node" / "node_modules" / "@wecom" / "crypto"


@pytest.fixture(scope="module")
def crypto() -> CallbackCrypto:
    return CallbackCrypto(TOKEN, AES_KEY, RECEIVE_ID)


def received(crypto: CallbackCrypto, query: tuple[str, str, str], body: bytes) -> dict[str, str]:
    """Return a message as the callback reads it."""
    signature, timestamp, nonce = query
    encrypted = callback_xml.read(body).get("Encrypt", "")
    return callback_xml.read(crypto.open(signature, timestamp, nonce, encrypted))


def test_tencents_sample_of_a_verification(crypto: CallbackCrypto) -> None:
    assert crypto.open(*GET) == b"1616140317555161061"


def test_tencents_sample_of_a_message(crypto: CallbackCrypto) -> None:
    fields = received(crypto, POST, BODY)
    assert fields["FromUserName"] == "mycreate"
    assert fields["Content"] == "hello"
    assert fields["MsgId"] == "4561255354251345929"
    assert fields["AgentID"] == "218"


def test_what_we_seal_we_open(crypto: CallbackCrypto) -> None:
    for length in range(70):
        message = bytes(range(length))
        sealed = crypto.seal(message)
        assert crypto.open(crypto.signature("1409659813", "n", sealed), "1409659813", "n", sealed) == message


def mutated(chance: random.Random) -> tuple[tuple[str, str, str], bytes]:
    """Return Tencent's sample with one thing changed that makes it another."""
    query, body = list(POST), bytearray(BODY)
    start = body.index(POST_ENCRYPT.encode())
    place = start + chance.randrange(len(POST_ENCRYPT))
    match chance.randrange(8):
        case 0:  # another character somewhere in the query
            part = chance.randrange(3)
            at = chance.randrange(len(query[part]))
            new = chance.choice([c for c in "0123456789abcdefXYZ-_ é\x00" if c != query[part][at]])
            query[part] = query[part][:at] + new + query[part][at + 1 :]
        case 1:  # a parameter cut off or longer
            part = chance.randrange(3)
            cut = query[part][: chance.randrange(len(query[part]))]
            query[part] = cut if chance.random() < 0.5 else query[part] + chance.choice("0aé\n\ud800")
        case 2:  # another byte in the encrypted part
            body[place] = chance.choice([byte for byte in range(256) if byte != body[place]])
        case 3:  # the encrypted part cut off
            del body[place : start + len(POST_ENCRYPT)]
        case 4:  # bytes put in
            body[place:place] = chance.randbytes(chance.randrange(1, 40))
        case 5:  # the body cut off anywhere
            del body[chance.randrange(start + len(POST_ENCRYPT)) :]
        case 6:  # two characters of the encrypted part in each other's place
            other = start + chance.randrange(len(POST_ENCRYPT))
            body[place], body[other] = body[other], body[place]
            if bytes(body) == BODY:
                body[start] ^= 1
        case _:  # nothing of it left
            body = bytearray(chance.randbytes(chance.randrange(400)))
    return (query[0], query[1], query[2]), bytes(body)


def test_no_changed_callback_is_taken_and_all_raise_the_one_error(crypto: CallbackCrypto) -> None:
    chance = random.Random(20261121)
    for _ in range(MUTATIONS):
        query, body = mutated(chance)
        with pytest.raises(WecomCallbackError):
            received(crypto, query, body)


def test_changed_contents_under_a_right_signature_are_refused_or_read_never_raised(
    crypto: CallbackCrypto,
) -> None:
    """Somebody who knows the token but not the key reaches the padding and the lengths behind the signature."""
    chance = random.Random(20261122)
    sealed = base64.b64decode(POST_ENCRYPT)
    refused = 0
    for _ in range(MUTATIONS):
        changed = bytearray(sealed)
        match chance.randrange(4):
            case 0:
                changed[chance.randrange(16, len(changed))] ^= 1 << chance.randrange(8)
            case 1:
                del changed[chance.randrange(len(changed)) :]
            case 2:
                changed = bytearray(chance.randbytes(chance.randrange(0, 300)))
            case _:
                changed[-32:] = chance.randbytes(32)
        encrypted = base64.b64encode(bytes(changed)).decode()
        signature = crypto.signature("1409659813", "n", encrypted)
        try:
            callback_xml.read(crypto.open(signature, "1409659813", "n", encrypted))
        except WecomCallbackError:
            refused += 1
    assert refused > MUTATIONS * 0.5


def test_another_corporations_message_is_refused() -> None:
    other = CallbackCrypto(TOKEN, AES_KEY, "wxsomebodyelse")
    with pytest.raises(WecomCallbackError, match="not for us"):
        other.open(*GET)


def test_a_message_cannot_begin_in_the_middle_of_another(crypto: CallbackCrypto) -> None:
    """The signature covers a concatenation: whole blocks moved into the nonce must not leave a shorter message."""
    for characters in range(1, 200):
        nonce, encrypted = POST_ENCRYPT[:characters], POST_ENCRYPT[characters:]
        timestamp = POST[2] + POST[1]
        with pytest.raises(WecomCallbackError):
            crypto.open(POST[0], timestamp, nonce, encrypted)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"not xml",
        b"<xml>",
        b"<html></html>",
        b"<xml><a></xml>",
        "<xml><Encrypt>\ud800</Encrypt></xml>".encode("utf-8", "surrogatepass"),
        b"<xml>\x00</xml>",
        b'<!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>',
        b'<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Encrypt>&f;</Encrypt></xml>',
        b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml></xml>',
        b"<xml><Encrypt>&undefined;</Encrypt></xml>",
        b"<?xml-stylesheet href='x'?><xml></xml>",
        b"<xml>" + b"<a>" * 50 + b"</a>" * 50 + b"</xml>",
        b"<xml>" + b"<a></a>" * 1000 + b"</xml>",
        b"<xml><a>" + b"x" * 300_000 + b"</a></xml>",
    ],
)
def test_bodies_that_are_no_callback(body: bytes) -> None:
    with pytest.raises(WecomCallbackError):
        callback_xml.read(body)


def test_the_first_of_two_parts_of_one_name_counts() -> None:
    assert callback_xml.read(b"<xml><a>1</a><a>2</a><b><a>3</a></b></xml>") == {"a": "1", "b": ""}


@pytest.mark.parametrize("key", ["", AES_KEY[:-1], AES_KEY + "A", "!" * 43, AES_KEY[:-1] + "="])
def test_a_key_that_is_none_is_told(key: str) -> None:
    with pytest.raises(WecomSettingsError, match="EncodingAESKey"):
        CallbackCrypto(TOKEN, key, RECEIVE_ID)


def test_an_independent_implementation_agrees(crypto: CallbackCrypto) -> None:
    """Tencent's own package for Node opens what we seal, and we open what it seals."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    if not PEER.is_dir():
        pytest.skip("the npm package @wecom/crypto is not installed: make wecom-peer")
    ours = crypto.seal("年费2,000元".encode())
    script = """
        const [path, key, token, id, ours, said] = process.argv.slice(1);
        const peer = require(path);
        const opened = peer.decrypt(key, ours);
        const theirs = peer.encrypt(key, said, id);
        const sign = (sealed) => peer.getSignature(token, "1409659813", "1372623149", sealed);
        console.log(JSON.stringify({opened: opened.message, id: opened.id, theirs, mine: sign(ours), its: sign(theirs)}));
    """
    arguments = [str(PEER), AES_KEY, TOKEN, RECEIVE_ID, ours, "续展费500元"]
    ran = subprocess.run(
        [node, "-e", script, *arguments], capture_output=True, text=True, timeout=30, check=True
    )
    peer = json.loads(ran.stdout)
    assert (peer["opened"], peer["id"]) == ("年费2,000元", RECEIVE_ID)
    assert peer["mine"] == crypto.signature("1409659813", "1372623149", ours)
    assert crypto.open(peer["its"], "1409659813", "1372623149", peer["theirs"]).decode() == "续展费500元"
