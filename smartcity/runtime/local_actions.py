"""Custom actions in Rasa's own process (SMARTCITY_ACTIONS=inprocess).

Where: rasa.core.utils.AvailableEndpoints gives RemoteAction an HTTP endpoint. Why: our actions
take a fraction of a millisecond; HTTP to another process costs several and a second interpreter
holds tens of megabytes. The same rasa_sdk executor runs the same classes; SMARTCITY_ACTIONS=http
keeps Rasa's own way.
"""

from __future__ import annotations

from typing import Any, Optional

PACKAGE = "actions"


def run_locally() -> None:
    """Give Rasa an action endpoint that runs the actions package in this process."""
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import ClientResponseError, EndpointConfig
    from rasa_sdk.executor import ActionExecutor
    from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

    class LocalActions(EndpointConfig):
        """An action endpoint without a network."""

        def __init__(self) -> None:
            super().__init__(url="inprocess", selective_domain=True)
            self.executor = ActionExecutor()
            self.executor.register_package(PACKAGE)

        async def request(self, *args: Any, **kwargs: Any) -> Optional[Any]:
            try:
                return await self.executor.run(kwargs["json"])
            except (ActionExecutionRejection, ActionNotFoundException) as error:
                import json

                body = json.dumps({"error": error.message, "action_name": error.action_name})
                status = 400 if isinstance(error, ActionExecutionRejection) else 404
                raise ClientResponseError(status, error.message, body) from error

    read = AvailableEndpoints.read_endpoints.__func__  # type: ignore[attr-defined]
    if getattr(read, "runs_locally", False):
        return

    def read_endpoints(cls: Any, endpoint_file: str) -> Any:
        endpoints = read(cls, endpoint_file)
        endpoints.action = LocalActions()
        return endpoints

    setattr(read_endpoints, "runs_locally", True)
    setattr(AvailableEndpoints, "read_endpoints", classmethod(read_endpoints))
