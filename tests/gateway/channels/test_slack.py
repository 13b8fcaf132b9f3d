"""Slack: its signature with time stamp, direct messages, mentions, buttons."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ..standin import StandIn
from ..steps import error_of
from .conftest import letters, until
from .platforms import SIGNING_SECRET, Platforms
from .posts import slack, slack_event, slack_press

Wait = Callable[[int], list[str]]


def test_the_handshake_is_signed_too(client: httpx.Client) -> None:
    body = {"type": "url_verification", "challenge": "3eZbrw1aB"}
    assert slack(client, body).text == "3eZbrw1aB"
    error_of(slack(client, body, "wrong"), 403, "bad_signature")


@pytest.mark.parametrize("secret, age", [(None, 0), ("wrong", 0), (SIGNING_SECRET, 301), (SIGNING_SECRET, -301)])
def test_forged_and_old_requests_reach_nobody(
    client: httpx.Client, rasa: StandIn, secret: str | None, age: int
) -> None:
    error_of(slack(client, slack_event("Hallo"), secret, time.time() - age), 403, "bad_signature")
    assert not rasa.received


def test_a_direct_message_and_a_button(client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait) -> None:
    rasa.messages = [{"text": "A & B <c> *d*", "links": [{"title": "A|B", "url": "https://a.de/?x=1&y=2"}],
                      "buttons": [{"title": f"Thema {n}", "payload": f"/t_{n}"} for n in range(7)]}]  # fmt: skip
    slack(client, slack_event("Was kostet &lt;das&gt;, <https://a.de|Seite> <@UBOT>?"))
    text = wait(2)[1]
    assert rasa.received[0]["text"] == "Was kostet <das>, Seite ?"
    assert text == "A &amp; B &lt;c&gt; ∗d∗\n<https://a.de/?x=1&amp;y=2|A¦B>"
    assert [len(b["elements"]) for b in platforms.sent[1].body["blocks"] if b["type"] == "actions"] == [5, 2]
    action = {"type": "button", "value": platforms.sent[1].buttons[6][1], "action_ts": f"{time.time():.6f}"}
    press = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U7"},
        "channel": {"id": "D1"},
        "container": {"message_ts": "1.2"},
        "actions": [action],
    }
    assert slack_press(client, press).status_code == 200
    slack_press(client, press)
    wait(3)
    slack(client, slack_event("Ende"))
    wait(4)
    assert [said.get("payload") or said["text"] for said in rasa.received][1:] == ["/t_6", "Ende"]


def test_in_channels_mentions_only_and_in_a_thread(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    slack(client, slack_event("Wer geht essen?", channel="C1"))
    mention = slack_event("<@UBOT> was ist der KRuiser?", "app_mention", channel="C1")
    slack(client, mention)
    slack(client, mention)
    wait(2)
    assert [said["text"] for said in rasa.received] == ["was ist der KRuiser?"]
    assert platforms.sent[1].body["thread_ts"] == mention["event"]["ts"]


def test_bots_own_echoes_and_notes_are_not_answered(
    client: httpx.Client, rasa: StandIn, platforms: Platforms, wait: Wait
) -> None:
    for event in (
        slack_event("x", bot_id="B1"),
        slack_event("x", user="UBOT"),
        slack_event("x", subtype="channel_join"),
        slack_event(
            "x", subtype="message_changed", message={"user": "U7", "text": "x"}, previous_message={"text": "x"}
        ),
        {"type": "event_callback", "event": {}},
        {"type": "unknown"},
    ):
        assert slack(client, event).status_code == 200
    changed = {"user": "U7", "text": "Neu", "ts": "1.1"}
    slack(client, slack_event("", subtype="message_changed", message=changed, previous_message={"text": "x"}))
    assert wait(2)[1].startswith("Zu Ihrer geänderten Nachricht:")
    slack(client, slack_event("", subtype="file_share", files=[{"id": "F1"}]))
    assert wait(3)[2].startswith("Ich kann nur Text lesen")
    assert [said["text"] for said in rasa.received] == ["Neu"]


def test_slack_says_no_with_200(client: httpx.Client, platforms: Platforms, wait: Wait, tmp_path: Path) -> None:
    platforms.answers = [(200, {}, {"ok": False, "error": error}) for error in ("ratelimited", "is_archived")]
    slack(client, slack_event("Hallo"))
    until(lambda: letters(tmp_path))
    # By Slack's documentation it may have been posted all the same.
    platforms.answers = [(200, {}, {"ok": False, "error": "internal_error"})]
    slack(client, slack_event("Hallo", channel="D2", user="U8"))
    wait(1)
    assert [letter.reason for letter in letters(tmp_path)] == ["uncertain: internal_error", *["is_archived"] * 2]
