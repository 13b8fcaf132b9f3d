"""Too many at once are refused quickly and honestly; what is no new answer is not."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from .conftest import StartGateway
from .standin import StandIn
from .steps import begin, error_of, say


def test_past_the_depth_is_busy_and_all_else_goes_on(start: StartGateway, rasa: StandIn) -> None:
    client = start(ANSWERS_AT_ONCE="1", METRICS_TOKEN="m" * 32)
    first, second, third = begin(client), begin(client), begin(client)
    rasa.delay = 1.5
    keyed = {**first, "Idempotency-Key": "k-1"}
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(say, client, keyed, text="Was ist der KReathon?")
        while len(rasa.received) < 4:
            time.sleep(0.01)
        error = error_of(say(client, second, text="Und ich?"), 503, "busy")
        assert error["retry_after"] == 2
        assert "02151 86-1085" in error["message"]
        error_of(client.post("/chat/sessions", json={"language": "en"}), 503, "busy")
        told = client.get("/metrics", headers={"Authorization": "Bearer " + "m" * 32}).text
        assert "smartcity_answers_running 1.0" in told
        assert 'smartcity_refusals_total{code="busy"}' in told
        joined = pool.submit(say, client, keyed, text="Was ist der KReathon?")
        assert client.delete("/chat/sessions", headers=third).status_code == 204
        assert slow.result().json() == joined.result().json()
    rasa.delay = 0
    assert say(client, second, text="Und jetzt?").status_code == 200
    assert [sent.get("text") for sent in rasa.received[3:]] == ["Was ist der KReathon?", "Und jetzt?"]


def test_busy_in_simple_language(start: StartGateway, rasa: StandIn) -> None:
    client = start(ANSWERS_AT_ONCE="1")
    headers = begin(client)
    rasa.delay = 1
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(say, client, headers, text="Was ist der KReathon?")
        while len(rasa.received) < 2:
            time.sleep(0.01)
        simple = client.post("/chat/sessions", json={"language": "de-simple"})
        assert "Die Telefon-Nummer ist: 02151 86-1085." in error_of(simple, 503, "busy")["message"]
        slow.result()
