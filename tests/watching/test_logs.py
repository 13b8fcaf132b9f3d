from __future__ import annotations

import io
import json
import logging

import pytest

from smartcity.settings import read_settings
from smartcity.watching import logs, request_id

NAME = "smartcity.tests.logs"


@pytest.fixture
def lines(request: pytest.FixtureRequest) -> io.StringIO:
    stream = io.StringIO()
    logs.set_up(read_settings({"SMARTCITY_LOG_FORMAT": request.param}), {NAME: logging.INFO}, stream)
    request_id.begin("0123abcd")
    return stream


@pytest.mark.parametrize("lines", ["json"], indirect=True)
def test_each_line_is_one_object_with_the_id_of_its_request(lines: io.StringIO) -> None:
    log = logging.getLogger(NAME)
    log.info("Zwei\nZeilen mit %d Werten.", 2)
    log.warning(json.dumps({"failure": "KeyError", "level": "no"}))
    log.info("GET / 200", extra={"fields": {"status": 200}})
    try:
        raise KeyError("x")
    except KeyError:
        log.exception("Es ging schief.")
    said, fields, extra, failed = map(json.loads, lines.getvalue().splitlines())
    assert {line["request"] for line in (said, fields, extra, failed)} == {"0123abcd"}
    assert (said["message"], said["level"], said["logger"]) == ("Zwei\nZeilen mit 2 Werten.", "info", NAME)
    assert (fields["failure"], fields["level"]) == ("KeyError", "warning")
    assert extra["status"] == 200
    assert "KeyError" in failed["traceback"]


@pytest.mark.parametrize("lines", ["text"], indirect=True)
def test_text_is_to_be_read(lines: io.StringIO) -> None:
    logging.getLogger(NAME).info("GET / 200", extra={"fields": {"status": 200}})
    assert lines.getvalue().rstrip().endswith(f"INFO    {NAME}  GET / 200  [0123abcd]")


@pytest.mark.parametrize("given", [None, "", "Erika", "1234567", "A1234567", "0123 abc", "a" * 37, "0123abcd\n"])
def test_an_id_that_has_not_the_shape_of_one_is_replaced(given: str | None) -> None:
    made = request_id.begin(given)
    assert made != given and len(made) == 16 and request_id.current() == made


def test_an_id_that_has_is_kept() -> None:
    for given in ("0123abcd", "5f1d0c2a-0000-4000-8000-000000000000", "f" * 32):
        assert request_id.begin(given) == given
