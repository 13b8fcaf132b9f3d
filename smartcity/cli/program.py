"""The command `smartcity`: its parser and what it makes of errors."""

from __future__ import annotations

import argparse
import sys
from typing import List, Optional

from smartcity.cli import assistant, configuration, console, content, inquiries, integration, website
from smartcity.production import refuse_unsafe
from smartcity.settings import SettingError, read_settings

GROUPS = (assistant, content, website, integration, console, inquiries, configuration)


def parser() -> argparse.ArgumentParser:
    """The parser with every command."""
    made = argparse.ArgumentParser(prog="smartcity", description="The assistant of the Smart City Krefeld.")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add_to(commands)
    return made


def main(argv: Optional[List[str]] = None) -> int:
    """Run the command line; the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        settings = read_settings()
        if arguments[:1] == ["rasa"]:
            from smartcity.runtime.command import run_rasa

            if arguments[1:2] != ["train"]:
                refuse_unsafe(settings, tuple(arguments[1:]))
            run_rasa(arguments[1:], settings)
            return 0
        parsed = parser().parse_args(arguments)
        if parsed.serves:
            refuse_unsafe(settings)
        code: int = parsed.run(parsed, settings)
        return code
    except SettingError as error:
        return _fail(error)
    except KeyboardInterrupt:
        return 130
    except (RuntimeError, ValueError, OSError) as error:
        if type(error).__module__.split(".")[0] != "smartcity" and not isinstance(error, OSError):
            raise
        return _fail(error)


def _fail(error: Exception) -> int:
    print(f"smartcity: {error}", file=sys.stderr)
    return 1
