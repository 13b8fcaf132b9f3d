"""What waits for an answer outlives a stop, is counted, and is answered by the next process."""

from __future__ import annotations

from pathlib import Path

import httpx

from smartcity.gateway.app import create_app
from smartcity.settings import read_settings

from ..standin import SECRET, StandIn, running
from .conftest import SETTINGS, until
from .platforms import Platforms
from .posts import telegram, telegram_message

TOKEN = "m" * 32


def _metric(client: httpx.Client, name: str) -> float:
    told = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    [line] = [line for line in told.splitlines() if line.startswith(f"{name} ")]
    return float(line.split(" ")[1])


def test_what_waits_is_counted_and_answered_by_the_next_process(
    rasa: StandIn, _rasa_server: tuple[StandIn, int], platforms: Platforms, base: dict[str, str], tmp_path: Path
) -> None:
    chosen = {"SECRET": SECRET, "VAR": str(tmp_path), "RASA_PORT": str(_rasa_server[1]), "METRICS_TOKEN": TOKEN}
    settings = read_settings(
        {f"SMARTCITY_{name}": value for name, value in {**chosen, **SETTINGS, **base, "LIMITS": "off"}.items()}
    )
    rasa.delay = 3.0
    with running(create_app(settings)) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        telegram(client, telegram_message("Erste Frage"))
        telegram(client, telegram_message("Zweite Frage"))
        until(lambda: bool(rasa.received))
        assert _metric(client, "smartcity_messenger_waiting") == 2
        assert _metric(client, "smartcity_messenger_oldest_seconds") > 0
    rasa.reset()
    with running(create_app(settings)) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        until(lambda: len(rasa.received) == 2)
        until(lambda: _metric(client, "smartcity_messenger_waiting") == 0)
        assert _metric(client, "smartcity_dead_letters") == 0
    assert [said["text"] for said in rasa.received] == ["Erste Frage", "Zweite Frage"]
