"""Failures of what Rasa stands on: said to the gateway in one line, which tells citizens to try again."""

from __future__ import annotations

import logging

from rasa.core.lock_store import LockError
from sanic import response
from sanic.response import HTTPResponse
from sqlalchemy.exc import SQLAlchemyError

from smartcity.runtime.redis_locks import Deleted
from smartcity.runtime.tracker_rows import Overtaken

logger = logging.getLogger(__name__)

Failures = (SQLAlchemyError, LockError, Overtaken, TimeoutError)
"""The database, the locks, another process that was quicker, and whatever took too long."""


def answer_of(error: BaseException) -> HTTPResponse:
    """503, or 410 for a conversation that was deleted. Nothing of what was said stands in the log."""
    if isinstance(error, Deleted):
        return response.json({"error": "This conversation was deleted."}, status=410)
    logger.error("A turn was refused, since a store failed: %s.", type(error).__name__)
    return response.json({"error": "A store cannot be reached."}, status=503)
