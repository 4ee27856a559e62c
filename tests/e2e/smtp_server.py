"""A small mail server on loopback, written from RFC 5321: takes mails, refuses those that a test wants refused."""

from __future__ import annotations

import asyncio
import base64
import datetime
import ssl
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "notice@example.cn", "a-long-enough-password"


@dataclass(frozen=True)
class Mail:
    """One accepted mail: from and to as the envelope says, its content, and whether the line was encrypted."""

    sender: str
    recipient: str
    message: EmailMessage
    encrypted: bool
    user: str


@dataclass
class SmtpServer:
    """The server's state, and what a test makes it do."""

    mails: list[Mail] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)  # recipient → answer to RCPT
    answers: deque[str] = field(
        default_factory=deque
    )  # instead of 250 to a mail's text; "drop" and "hang" too
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    port: int = 0
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> SmtpServer:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self.tls if self.implicit else None, limit=2**25
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Session(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()


class _Session:
    def __init__(
        self, server: SmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._encrypted = server.implicit
        self._user = self._sender = self._recipient = ""

    async def run(self) -> None:
        await self._say("220 loopback")
        while True:
            line = (await self._reader.readline()).decode().strip()
            if not line:
                return
            verb = line.partition(" ")[0].upper()
            if verb == "QUIT":
                await self._say("221 bye")
                return
            if not await self._do(verb, line):
                return

    async def _do(self, verb: str, line: str) -> bool:
        match verb:
            case "EHLO" | "HELO":
                offers = ["AUTH PLAIN"]
                if self._server.tls is not None and not self._encrypted:
                    offers = ["STARTTLS"]
                await self._say("250-loopback", *[f"250-{offer}" for offer in offers], "250 8BITMIME")
            case "STARTTLS":
                await self._say("220 go ahead")
                await self._writer.start_tls(self._server.tls)  # type: ignore[arg-type]
                self._encrypted = True
            case "AUTH":
                _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
                if (user, password) != (USER, PASSWORD):
                    await self._say("535 5.7.8 wrong")
                    return True
                self._user = user
                await self._say("235 welcome")
            case "MAIL":
                self._sender = line[line.index("<") + 1 : line.index(">")]
                await self._say("250 ok")
            case "RCPT":
                self._recipient = line[line.index("<") + 1 : line.index(">")]
                await self._say(self._server.refuse.get(self._recipient, "250 ok"))
            case "DATA":
                return await self._data()
            case "RSET":
                await self._say("250 ok")
            case _:
                await self._say("502 what?")
        return True

    async def _data(self) -> bool:
        await self._say("354 go on")
        raw = await self._reader.readuntil(b"\r\n.\r\n")
        answer = self._server.answers.popleft() if self._server.answers else "250 2.0.0 taken"
        if answer == "hang":
            await asyncio.sleep(30)
        if answer == "drop":
            return False
        if answer.startswith("2"):
            content = raw[:-3].replace(b"\r\n..", b"\r\n.")
            message = message_from_bytes(content, policy=default)
            assert isinstance(message, EmailMessage)
            self._server.mails.append(
                Mail(self._sender, self._recipient, message, self._encrypted, self._user)
            )
        await self._say(answer)
        return True

    async def _say(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self._writer.drain()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the server's and the client's side of a certificate made for this test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cafile=str(pem))
    return server, client
