"""Feedback as clients send it: a rating of a message or of the conversation, with words if they like."""

from __future__ import annotations

from collections.abc import Mapping

from smartcity.gateway.errors import GatewayError
from smartcity.gateway.messages import clean_text

FIELDS = ("message", "rating", "comment")
LONGEST_COMMENT = 500
RATINGS_OF_MESSAGE = ("up", "down", "none")
RATINGS_OF_CONVERSATION = ("1", "2", "3", "4", "5", "none")


def read_rating(fields: Mapping[str, str]) -> tuple[str | None, str, str | None]:
    """Message (None: the conversation), rating and comment. Raises GatewayError for an unfit one."""
    message, rating = fields.get("message"), fields.get("rating")
    ratings = RATINGS_OF_CONVERSATION if message is None else RATINGS_OF_MESSAGE
    if rating not in ratings:
        raise GatewayError("bad_rating", known=", ".join(ratings))
    return message, str(rating), _comment(fields)


def _comment(fields: Mapping[str, str]) -> str | None:
    """The comment, clean; None when nothing readable is in it. Raises GatewayError when it is too long."""
    try:
        return clean_text(fields.get("comment", ""), LONGEST_COMMENT)
    except GatewayError as error:
        if error.code == "blank":
            return None
        raise
