"""All processes of the assistant, started together: `smartcity run`."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import List, Optional

from smartcity.runtime.model import model_path, train_when_stale
from smartcity.runtime.rollout import adopt
from smartcity.runtime.seals import is_sealed
from smartcity.settings import Settings

START_SECONDS = 60
"""How long the parts may take until all of them answer."""


class StartError(RuntimeError):
    """The assistant cannot start; the message says why and what to do."""


def check_port(host: str, port: int, setting: str) -> None:
    """Raise StartError when nothing can listen on the port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(
                f"Port {port} on {host} cannot be used ({error.strerror}); "
                f"stop what uses it or set {setting} to another port."
            ) from error


def run(settings: Settings) -> int:
    """Check, train when stale, start every process, print the address; the exit code of the manager."""
    check_port(settings.host, settings.port, "SMARTCITY_PORT")
    check_port("127.0.0.1", settings.rasa_port, "SMARTCITY_RASA_PORT")
    names = ["rasa", "gateway"]
    if settings.console:
        names.append("reader")
    if settings.actions == "http":
        check_port("127.0.0.1", settings.actions_port, "SMARTCITY_ACTIONS_PORT")
        names.append("actions")
    if settings.console:
        _check_console(settings)
        check_port(settings.console_host, settings.console_port, "SMARTCITY_CONSOLE_PORT")
        names.append("console")
    if settings.smtp_host and settings.office_mail:
        from smartcity.inquiries.delivery import check

        check(settings)
        names.append("mailer")
    trained = is_sealed(model_path())
    if not trained:
        _check_content(settings)
        print("Training, since something changed ...", flush=True)
    adopt(train_when_stale(settings))
    return _manage(names, settings, check=trained)


def _manage(names: List[str], settings: Settings, check: bool) -> int:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    honcho = shutil.which("honcho", path=environment["PATH"]) or "honcho"
    manager = subprocess.Popen([honcho, "start", "--env", os.devnull, *names], env=environment, start_new_session=True)
    stopping: List[int] = []

    def stop(number: int, _frame: object) -> None:
        stopping.append(number)
        if manager.poll() is None:
            manager.send_signal(signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        if check:
            # Beside the parts, which have imports to do first.
            _check_content(settings)
    except BaseException:
        manager.send_signal(signal.SIGTERM)
        manager.wait()
        raise
    address = f"http://{settings.host}:{settings.port}"
    if _wait_until_healthy(address, manager) and not stopping:
        print(f"\n  The assistant is ready. Open {address}/ in a browser; Ctrl-C ends it.\n", flush=True)
        if settings.console:
            _tell_console(settings, manager)
    code = manager.wait()
    return 0 if stopping else (code or 1)


def _check_content(settings: Settings) -> None:
    """Raise ContentError for what is wrong with a folder; an address is read by the parts."""
    if not settings.content.startswith(("http://", "https://")):
        from smartcity.knowledge.loading import load, read_folder

        load(read_folder(Path(settings.content)))


def _check_console(settings: Settings) -> None:
    """Raise SettingError for settings of the console that do not go together."""
    from smartcity.console.oidc import Provider
    from smartcity.console.web.origins import Origins

    Origins(settings)
    Provider(settings)


def _tell_console(settings: Settings, manager: subprocess.Popen[bytes]) -> None:
    """The console's address and, while it has no admin, the code for the first account."""
    from smartcity.console.server import address_of, setup_note

    if _wait_until_healthy(f"http://{loopback(settings.console_host)}:{settings.console_port}", manager):
        note = setup_note(settings)
        print(f"  The staff's console: {address_of(settings)}/{note}\n", flush=True)


def loopback(host: str) -> str:
    """An address at which this machine reaches what listens on `host`."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host


def _wait_until_healthy(address: str, manager: subprocess.Popen[bytes]) -> bool:
    import httpx  # a fifth of a second, for which Rasa need not wait

    end = time.monotonic() + START_SECONDS
    last: Optional[str] = None
    while time.monotonic() < end and manager.poll() is None:
        try:
            answer = httpx.get(f"{address}/health", timeout=3, trust_env=False)
            if answer.status_code == 200:
                return True
            last = answer.text
        except httpx.HTTPError as error:
            last = str(error)
        time.sleep(0.1)
    if manager.poll() is None:
        print(f"The assistant did not become ready within {START_SECONDS} s; last state: {last}", file=sys.stderr)
        manager.send_signal(signal.SIGTERM)
    return False
