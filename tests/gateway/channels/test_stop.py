"""A stop lets the answer in the making finish; what waits is in the database and is the next process's."""

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


def test_what_waits_is_answered_by_the_next_process(
    rasa: StandIn, _rasa_server: tuple[StandIn, int], platforms: Platforms, base: dict[str, str], tmp_path: Path
) -> None:
    chosen = {"SECRET": SECRET, "VAR": str(tmp_path), "RASA_PORT": str(_rasa_server[1]), "METRICS_TOKEN": TOKEN}
    settings = read_settings(
        {f"SMARTCITY_{name}": value for name, value in {**chosen, **SETTINGS, **base, "LIMITS": "off"}.items()}
    )
    app = create_app(settings)
    rasa.delay = 1.0
    with running(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        telegram(client, telegram_message("Erste Frage"))
        telegram(client, telegram_message("Zweite Frage"))
        until(lambda: bool(rasa.received))
        app.state.pressure.stop()
        assert app.state.pressure.running == 1
        assert _metric(client, "smartcity_messenger_waiting") >= 1
        until(lambda: app.state.pressure.running == 0)
        telegram(client, telegram_message("Dritte Frage"))
        assert _metric(client, "smartcity_messenger_waiting") == 2
    assert [said["text"] for said in rasa.received] == ["Erste Frage"]
    rasa.delay = 0
    with running(create_app(settings)) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        until(lambda: len(rasa.received) == 3)
        until(lambda: _metric(client, "smartcity_messenger_waiting") == 0)
    assert [said["text"] for said in rasa.received] == ["Erste Frage", "Zweite Frage", "Dritte Frage"]
