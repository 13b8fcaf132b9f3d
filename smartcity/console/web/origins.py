"""Under which addresses the console answers. Another host name is refused, so that no foreign page can borrow it."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from smartcity.console.web.heartbeat import ANY_HOST
from smartcity.settings import SettingError, Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Origins:
    def __init__(self, settings: Settings) -> None:
        self.public: str = settings.console_url
        """The address of SMARTCITY_CONSOLE_URL, or nothing."""
        if not self.public and settings.console_host not in LOOPBACK:
            raise SettingError(
                f"SMARTCITY_CONSOLE_HOST is {settings.console_host}: say in SMARTCITY_CONSOLE_URL under which "
                "address staff reach the console there, best with https."
            )

    @property
    def secure(self) -> bool:
        return self.public.startswith("https://")

    def of(self, request: Request) -> str | None:
        """The origin that this request's page has; None where the host is not ours."""
        host = request.headers.get("host", "").lower()
        if self.public:
            return self.public if host == urlsplit(self.public).netloc.lower() else None
        try:
            return f"http://{host}" if urlsplit(f"http://{host}").hostname in LOOPBACK else None
        except ValueError:
            return None


class HostCheck:
    """Refuses what comes under a foreign host name. Health and metrics may be asked under any."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self.app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in ANY_HOST and self._origins.of(Request(scope)) is None:
            await PlainTextResponse("This host name is not the console's.\n", 421)(scope, receive, send)
            return
        await self.app(scope, receive, send)
