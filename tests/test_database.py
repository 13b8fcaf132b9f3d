"""The application's database is made by whichever process needs it first, while others write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from smartcity.database import connect
from smartcity.inquiries import tables as requests
from smartcity.inquiries.desk import Desk
from smartcity.privacy import erasures
from smartcity.settings import Settings, read_settings


def _note_an_erasure(settings: Settings) -> None:
    notes = erasures.Erasures(settings)
    notes.note("web:1")
    notes.close()


def _note_an_answer(settings: Settings) -> None:
    desk = Desk(settings)
    desk.note("web:1", kind="message")
    desk.close()


@pytest.mark.parametrize(
    ("tables", "first_need"),
    [(erasures.METADATA, _note_an_erasure), (requests.METADATA, _note_an_answer)],
    ids=["erasures", "requests"],
)
def test_tables_are_made_although_another_process_writes(
    tmp_path: Path, tables: sa.MetaData, first_need: Callable[[Settings], None]
) -> None:
    """It would write just after it was looked which tables there are: then nothing could be made any more."""
    settings = read_settings({"SMARTCITY_VAR": str(tmp_path), "SMARTCITY_SECRET": "0123456789abcdef" * 4})
    engine = connect(settings)
    engine.connect().close()
    tried = []

    def write(*_: Any, **__: Any) -> None:
        tried.append(True)
        with closing(sqlite3.connect(tmp_path / "console.db", timeout=0)) as other:
            try:
                other.execute(f"CREATE TABLE others{len(tried)} (number INTEGER)")
            except sqlite3.OperationalError:  # it has to wait
                return

    sa.event.listen(tables, "before_create", write)
    try:
        first_need(settings)
    finally:
        sa.event.remove(tables, "before_create", write)
        engine.dispose()
    assert tried
