"""Rasa's own command line with the repairs in place: `smartcity rasa ...`."""

from __future__ import annotations

import itertools
import logging
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any, List

import yaml

from smartcity.runtime import (
    action_results,
    copies,
    events,
    garbage,
    graph_runner,
    local_actions,
    measures,
    project_files,
    remote_actions,
    repeats,
    rollout,
    rules,
    seals,
    sessions,
    silence,
    stand_ins,
    stores,
    trackers,
    withholding,
)
from smartcity.settings import Settings
from smartcity.watching import logs, outside, request_id, tracing

CONFIG = Path("config.yml")
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
    project_files.read_once()
    action_results.compile_validation()
    events.remember_types()
    trackers.keep_trackers(settings.pool_size)
    sessions.carry_over_last_values()
    withholding.withhold_answers()
    repeats.answer_again()
    graph_runner.run_in_order()
    rules.match_rules_once()
    copies.copy_less()
    stores.use_shared(settings)
    stores.wait_briefly()
    seals.guard_loading()
    if settings.actions == "inprocess":
        local_actions.run_locally()
    else:
        remote_actions.guard_remote_actions(settings)
    measures.measure_turns(settings)


def run_rasa(arguments: List[str], settings: Settings) -> None:
    """Run `rasa <arguments>`; a server listens on loopback unless told otherwise."""
    if arguments[:1] == ["run"]:
        garbage.search_later()
        # First: afterwards packages that are missing have stand-ins.
        outside.start(settings, "rasa")
        if _learns_nothing() and "--enable-api" not in arguments:
            stand_ins.spare(kept=("redis",) if settings.redis else ())
    if arguments[:1] == ["train"]:
        garbage.search_never()
    prepare(settings)
    if arguments[:1] == ["run"]:
        _log_as_set(settings)
        rollout.follow_when_started()
        garbage.collect_when_started()
        if not {"-i", "--interface"} & set(arguments):
            arguments = [*arguments, "--interface", LOOPBACK]
        if not {"-p", "--port"} & set(arguments):
            arguments = [*arguments, "--port", str(settings.rasa_port)]
        if not {"-m", "--model"} & set(arguments) and rollout.chosen().exists():
            arguments = [*arguments, "--model", str(rollout.chosen())]
        for name, model in itertools.pairwise(arguments):
            if name in ("-m", "--model"):
                seals.check(Path(model))
    from rasa.__main__ import main

    sys.argv = ["rasa", *arguments]
    began = time.time()
    try:
        main()
    finally:
        if arguments[:1] == ["train"]:
            _seal_new(arguments, began)


def _learns_nothing() -> bool:
    """Whether config.yml names only components that serve without the packages for training."""
    try:
        config = yaml.safe_load(CONFIG.read_text("utf-8"))
        names = [part["name"] for part in [*config["pipeline"], *config["policies"]]]
    except (OSError, yaml.YAMLError, LookupError, TypeError):
        return False
    return all(str(name).startswith("smartcity.") or name == "RulePolicy" for name in names)


def _seal_new(arguments: List[str], began: float) -> None:
    """What was trained just now may be loaded."""
    given = [value for name, value in itertools.pairwise(arguments) if name == "--out"]
    for model in Path(given[0] if given else "models").glob("*.tar.gz"):
        if model.stat().st_mtime >= began - 1:
            seals.seal(model)


def run_actions(settings: Settings) -> None:
    """Run the action server of rasa_sdk on loopback."""
    os.environ["SANIC_HOST"] = LOOPBACK
    from rasa_sdk import endpoint

    logs.set_up(settings, {"": logging.WARNING})
    outside.start(settings, "actions")
    create = endpoint.create_app

    def create_app(*args: Any, **kwargs: Any) -> Any:
        app = create(*args, **kwargs)

        @app.on_request
        async def take_over(request: Any) -> None:
            request_id.begin(request.headers.get(request_id.HEADER))
            tracing.go_on(request.headers)

        return app

    setattr(endpoint, "create_app", create_app)
    endpoint.run(local_actions.PACKAGE, port=settings.actions_port, cors_origins=[])


def _log_as_set(settings: Settings) -> None:
    """Write Rasa's lines as ours, with the id of the request, in the place of its colours."""
    import rasa.utils.io

    def configure(level: Any) -> None:
        logs.set_up(settings, {"": logging.getLevelName(logging.getLogger("rasa").level)}, sys.stderr)

    setattr(rasa.utils.io, "configure_colored_logging", configure)
