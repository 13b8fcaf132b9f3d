"""Rasa's own command line with the repairs in place: `smartcity rasa ...`."""

from __future__ import annotations

import os
import sys
import warnings
from typing import List

from smartcity.runtime import (
    action_results,
    events,
    graph_runner,
    local_actions,
    repeats,
    rules,
    sessions,
    silence,
    stand_ins,
    stores,
    trackers,
    withholding,
)
from smartcity.runtime.model import model_path
from smartcity.settings import Settings

LOOPBACK = "127.0.0.1"


def prepare(settings: Settings) -> None:
    """Put every repair in place and give the Rasa project files their values."""
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", message="Deprecated API features detected")
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    warnings.filterwarnings("ignore", message="Slot auto-fill has been removed")
    # Conversations are nobody else's business, whatever the umask says.
    settings.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.umask(0o077)
    environment = {
        "SMARTCITY_INTERNAL_SECRET": settings.secret_for("internal"),
        "SMARTCITY_ACTIONS_URL": f"http://{LOOPBACK}:{settings.actions_port}/webhook",
        "SMARTCITY_TRACKER_DB": str((settings.var / "conversations.db").resolve()),
        # Rasa's cache knows nothing of content/ and of our own modules; training takes seconds.
        "RASA_MAX_CACHE_SIZE": "0",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "OMP_NUM_THREADS": "1",
    }
    for name, value in environment.items():
        os.environ.setdefault(name, value)
    stand_ins.install()
    silence.be_silent()
    stand_ins.refuse_components()
    action_results.compile_validation()
    events.remember_types()
    trackers.keep_trackers(settings.pool_size)
    sessions.carry_over_last_values()
    withholding.withhold_answers()
    repeats.answer_again()
    graph_runner.run_in_order()
    rules.match_rules_once()
    stores.use_shared(settings)
    if settings.actions == "inprocess":
        local_actions.run_locally()


def run_rasa(arguments: List[str], settings: Settings) -> None:
    """Run `rasa <arguments>`; a server listens on loopback unless told otherwise."""
    prepare(settings)
    if arguments[:1] == ["run"]:
        if not {"-i", "--interface"} & set(arguments):
            arguments = [*arguments, "--interface", LOOPBACK]
        if not {"-p", "--port"} & set(arguments):
            arguments = [*arguments, "--port", str(settings.rasa_port)]
        if not {"-m", "--model"} & set(arguments) and model_path().exists():
            arguments = [*arguments, "--model", str(model_path())]
    from rasa.__main__ import main

    sys.argv = ["rasa", *arguments]
    main()


def run_actions(settings: Settings) -> None:
    """Run the action server of rasa_sdk on loopback."""
    os.environ["SANIC_HOST"] = LOOPBACK
    from rasa_sdk.endpoint import run

    run(local_actions.PACKAGE, port=settings.actions_port, cors_origins=[])
