"""Custom actions over HTTP (SMARTCITY_ACTIONS=http): a time-out that fits, a circuit breaker, the request's id.

Where: rasa.core.utils.AvailableEndpoints gives RemoteAction an HTTP endpoint. Why: Rasa waits five minutes for an
action server that does not answer, with the conversation's lock held; the citizen has gone after ten seconds.
"""

from __future__ import annotations

from typing import Any, Optional

from smartcity.breaker import Breaker
from smartcity.settings import Settings
from smartcity.watching import request_id, tracing

SHARE = 0.8
"""Of the time that the gateway waits: so that Rasa can say that there is no answer while somebody still listens."""
TRIAL_SECONDS = 2.0


def guard_remote_actions(settings: Settings) -> None:
    """Give Rasa an action endpoint that is guarded; again does nothing."""
    import aiohttp
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import ClientResponseError, EndpointConfig

    seconds: float = settings.answer_seconds * SHARE
    breaker = Breaker("The action server")

    class GuardedActions(EndpointConfig):
        """An action endpoint that is not asked while it does not answer."""

        guard = breaker

        async def request(self, *args: Any, **kwargs: Any) -> Optional[Any]:
            if breaker.is_open and not (breaker.begins_trial() and await self._is_well()):
                raise aiohttp.ClientConnectionError("The action server failed several times and is not asked now.")
            kwargs["timeout"] = aiohttp.ClientTimeout(total=seconds)
            kwargs["headers"] = {**tracing.headers(), request_id.HEADER: request_id.current()}
            try:
                answer = await super().request(*args, **kwargs)
            except ClientResponseError:
                # It answers: what it refuses is one action's matter.
                breaker.succeeded()
                raise
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                breaker.failed()
                raise aiohttp.ClientConnectionError(type(error).__name__) from None
            breaker.succeeded()
            return answer

        async def _is_well(self) -> bool:
            timeout = aiohttp.ClientTimeout(total=TRIAL_SECONDS)
            try:
                address = self.url.rsplit("/", 1)[0] + "/health"
                async with aiohttp.ClientSession(timeout=timeout) as session, session.get(address) as answer:
                    well = answer.status == 200
            except (aiohttp.ClientError, TimeoutError, OSError):
                well = False
            breaker.succeeded() if well else breaker.failed()
            return well

    read = AvailableEndpoints.read_endpoints.__func__  # type: ignore[attr-defined]
    if getattr(read, "is_guarded", False):
        return

    def read_endpoints(cls: Any, endpoint_file: str) -> Any:
        endpoints = read(cls, endpoint_file)
        if endpoints.action is not None:
            endpoints.action = GuardedActions(endpoints.action.url, selective_domain=True)
        return endpoints

    setattr(read_endpoints, "is_guarded", True)
    setattr(AvailableEndpoints, "read_endpoints", classmethod(read_endpoints))
