"""One message, one turn: a message that is sent again with its key is answered as before, and not asked again.

Where: rasa.core.processor.MessageProcessor._handle_message_with_tracker. Why: a gateway that dies or a network that
breaks leaves a citizen without an answer to a message that Rasa may have taken, and another Rasa process may get it
then. What: the key is stored with the message, in the one transaction with all that the turn did. Whoever gets the
message again waits for the conversation's lock like every turn; where the key is stored, the turn's replies are said
again, else there was no turn. What may not be stored of a reply (`withholding`) is not said again either.
"""

from __future__ import annotations

from typing import Any

from smartcity.runtime.withholding import PRIVATE

KEY = "key"
"""In the metadata of a message: what its sender knows it by."""


class Answered(Exception):
    """The message was answered before, and has been answered again."""


class OtherContent(Exception):
    """The key belongs to another message of this conversation."""


def answer_again() -> None:
    """Put the repair into MessageProcessor; again does nothing."""
    from rasa.core.processor import MessageProcessor

    if getattr(MessageProcessor, "answers_again", False):
        return
    handle = MessageProcessor._handle_message_with_tracker

    async def handle_message(processor: Any, message: Any, tracker: Any) -> None:
        await say_again(message, tracker)
        await handle(processor, message, tracker)

    setattr(MessageProcessor, "_handle_message_with_tracker", handle_message)
    setattr(MessageProcessor, "answers_again", True)


async def say_again(message: Any, tracker: Any) -> None:
    """Say what the message was answered. Raises Answered then, and OtherContent."""
    from rasa.shared.core.events import BotUttered, UserUttered

    key = (message.metadata or {}).get(KEY)
    if not key:
        return
    replies = []
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            replies.append(event)
        elif isinstance(event, UserUttered):
            metadata = event.metadata or {}
            if metadata.get(KEY) == key:
                if event.text != message.text and not metadata.get(PRIVATE):
                    raise OtherContent
                for reply in reversed(replies):
                    await message.output_channel.send_response(tracker.sender_id, reply.message())
                raise Answered
            replies.clear()
