"""Imports every module of the rooms that know no Rasa, where there is none: `python -m tests.newest`."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys

ROOMS = (
    "settings",
    "database",
    "watching",
    "addresses",
    "knowledge",
    "privacy",
    "inquiries",
    "gateway",
    "console",
    "production",
    "backup",
)


def main() -> None:
    if importlib.util.find_spec("rasa"):
        raise SystemExit("Rasa is installed here, so this would show nothing.")
    count = 0
    for room in ROOMS:
        module = importlib.import_module(f"smartcity.{room}")
        count += 1
        for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"smartcity.{room}."):
            if not found.name.endswith("migrations.env"):  # runs a migration when it is imported
                importlib.import_module(found.name)
                count += 1
    print(f"{count} modules of {len(ROOMS)} rooms, on Python {sys.version.split()[0]} without Rasa.")


if __name__ == "__main__":
    main()
