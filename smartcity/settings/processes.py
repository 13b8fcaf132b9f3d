"""Where the processes listen and what they share."""

from __future__ import annotations

from pathlib import Path
from typing import Tuple

from smartcity.settings import kinds
from smartcity.settings.setting import Setting

SETTINGS: Tuple[Setting, ...] = (
    Setting(
        "ENV",
        "development",
        "'development' or 'production'",
        kinds.one_of("development", "production"),
        "In production nothing starts with unsafe settings.",
    ),
    Setting("HOST", "127.0.0.1", "an address of this machine", str, "Address on which the gateway listens."),
    Setting("PORT", "8080", "a port, 1 to 65535", kinds.port, "Port of the gateway: chat page and public API."),
    Setting("RASA_PORT", "5005", "a port, 1 to 65535", kinds.port, "Port of Rasa, on loopback only."),
    Setting(
        "RASA_URLS",
        "",
        "http addresses without a path, divided by commas",
        kinds.origins,
        "Addresses of several Rasa processes that the gateway asks; empty is the one at RASA_PORT on loopback.",
    ),
    Setting(
        "ACTIONS",
        "inprocess",
        "'inprocess' or 'http'",
        kinds.actions,
        "Where custom actions run: in Rasa's process or in a server of their own.",
    ),
    Setting(
        "ACTIONS_PORT",
        "5055",
        "a port, 1 to 65535",
        kinds.port,
        "Port of the action server, on loopback only (with ACTIONS=http).",
    ),
    Setting(
        "CONTENT",
        "content",
        "a folder or an http(s) address",
        str,
        "Where the content comes from: the folder, or the city's CMS export.",
    ),
    Setting("VAR", "var", "a folder", Path, "Folder for databases, the secret and copies; never committed."),
    Setting(
        "SECRET",
        "",
        "at least 32 characters, or empty",
        kinds.secret,
        "Signs sessions and buttons; empty makes one in VAR at the first start.",
    ),
    Setting(
        "DATABASE",
        "",
        "a URL such as postgresql://user:password@host/name, sqlite:///path, or empty",
        kinds.database,
        "Database of the console, of notes of erasure and, on PostgreSQL, of the messengers; empty is SQLite in VAR.",
    ),
    Setting(
        "TRACKER_DATABASE",
        "",
        "a URL such as postgresql://user:password@host/name, sqlite:///path, or empty",
        kinds.database,
        "Database of Rasa's conversations, in the place of the one in endpoints.yml; empty is that one.",
    ),
    Setting(
        "POOL_SIZE",
        "4",
        "a whole number from 1",
        kinds.positive,
        "Connections that a process keeps to each PostgreSQL database; under load it takes as many again.",
    ),
    Setting(
        "REDIS",
        "",
        "a URL such as redis://host:6379/0, or empty",
        kinds.redis,
        "Redis that several processes share for locks, limits and duplicates; empty: each keeps its own in memory.",
    ),
)
