"""A server with the internal channel whose handler repeats what it got; `silence` is not answered."""

from __future__ import annotations

import sys

from smartcity.runtime import stand_ins

stand_ins.install()

from rasa.core.channels.channel import UserMessage  # noqa: E402
from sanic import Sanic  # noqa: E402

from smartcity.runtime.channel import InternalChannel  # noqa: E402


async def repeat(message: UserMessage) -> None:
    if message.text == "silence" or message.output_channel is None:
        return
    links = [{"title": "metadata", "url": str(message.metadata)}]
    await message.output_channel.send_response(
        message.sender_id,
        {
            "text": message.text,
            "buttons": [{"title": "Ja", "payload": "/affirm"}],
            "custom": {"answer": message.sender_id, "links": links},
        },
    )


if __name__ == "__main__":
    app = Sanic("channel-test", configure_logging=False)
    app.blueprint(InternalChannel(sys.argv[2]).blueprint(repeat), url_prefix="/webhooks/internal")
    app.run("127.0.0.1", int(sys.argv[1]), access_log=False)
