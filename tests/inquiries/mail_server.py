"""A real SMTP server on loopback (aiosmtpd), which can refuse, be killed and come back on its port."""

from __future__ import annotations

import socket
import ssl
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class MailServer:
    """`received` holds what it took; `answers` what it says instead of 250, one for each mail."""

    def __init__(self, context: ssl.SSLContext | None = None, implicit: bool = False, account: str = "") -> None:
        self.received: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.answers: list[str] = []
        self.refuse_recipient: str = ""
        self.slow = 0.0
        self.context, self.implicit, self.account = context, implicit, account
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._controller: Controller | None = None

    def start(self) -> None:
        options: dict[str, Any] = {"hostname": "127.0.0.1", "port": self.port}
        if self.context is not None:
            options |= (
                {"ssl_context": self.context}
                if self.implicit
                else {
                    "tls_context": self.context,
                    "require_starttls": True,
                }
            )
        if self.account:
            options |= {"authenticator": self._authenticate, "auth_required": True, "auth_require_tls": False}
        self._controller = Controller(self, **options)
        if self.implicit:
            # aiosmtpd looks whether it answers, and trusts no certificate of its own.
            self._controller._trigger_server = self._greet  # type: ignore[method-assign]
        self._controller.start()

    def _greet(self) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port)) as plain, context.wrap_socket(plain) as server:
            server.recv(100)

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and f"{data.login.decode()}:{data.password.decode()}" == self.account
        return AuthResult(success=right)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address == self.refuse_recipient:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.slow:
            time.sleep(self.slow)
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=POLICY)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.envelopes.append(envelope)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """What came for this address, in its order."""
        return [mail for mail, envelope in zip(self.received, self.envelopes) if envelope.rcpt_tos == [address]]
