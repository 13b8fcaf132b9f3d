"""The widget's files under /widget: versioned by their content, compressed once, kept when a new version comes.

A page that pins a version with Subresource Integrity goes on working after an upgrade: each version
that was served is copied to VAR/widget/<version>, and the newest of those are served as well.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import smartcity
from smartcity.gateway.accept import takes_gzip
from smartcity.settings import Settings

FOLDER = Path(smartcity.__file__).parent.parent / "widget"
ENTRY = "smartcity-chat.js"
TYPES = {".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
MOST_VERSIONS = 10
VERSION = re.compile(r"[0-9a-f]{12}")
NAME = re.compile(r"[a-z0-9][a-z0-9-]*\.(js|svg)")

PUBLIC = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Module scripts are fetched with CORS, whoever embeds them; the files hold nothing of anybody."""
FOREVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=300"


@dataclass(frozen=True)
class File:
    body: bytes

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.body, mtime=0)

    @cached_property
    def integrity(self) -> str:
        """The digest by which a browser checks the file (Subresource Integrity)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.body).digest()).decode()


Files = Mapping[str, File]


def read_files(folder: Path) -> Files:
    """The scripts and pictures that lie in the folder, by name; none when there is no folder."""
    if not folder.is_dir():
        return {}
    paths = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name) and path.is_file())
    return {path.name: File(path.read_bytes()) for path in paths}


def version_of(files: Files) -> str:
    """The version that these names and contents are: 12 hex digits."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name].body)}\0".encode() + files[name].body)
    return digest.hexdigest()[:12]


class Widget:
    def __init__(self, settings: Settings, folder: Path = FOLDER) -> None:
        files = read_files(folder)
        self._version = version_of(files)
        # VAR holds conversations, too, whoever makes it.
        settings.var.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._versions = _kept(settings.var / "widget", self._version, files)
        self._loader = f'import "./{self._version}/{ENTRY}";\n'.encode()
        self._tag = f'"{self._version}"'

    def routes(self) -> list[Route]:
        return [
            Route("/widget/manifest.json", self.manifest, methods=["GET"]),
            Route("/widget/{name}", self.entry, methods=["GET"]),
            Route("/widget/{version}/{name}", self.file, methods=["GET"]),
        ]

    async def manifest(self, request: Request) -> Response:
        return JSONResponse(manifest(self._version, self._versions[self._version]), 200, _headers("no-cache"))

    async def entry(self, request: Request) -> Response:
        """A script of one line that loads the present version; the address that pages embed."""
        if request.path_params["name"] != ENTRY or ENTRY not in self._versions[self._version]:
            raise HTTPException(404)
        headers = _headers(SHORTLY, ETag=self._tag)
        if request.headers.get("if-none-match") == self._tag:
            return Response(status_code=304, headers=headers)
        return Response(self._loader, headers=headers, media_type=TYPES[".js"])

    async def file(self, request: Request) -> Response:
        name = request.path_params["name"]
        file = self._versions.get(request.path_params["version"], {}).get(name)
        if file is None:
            raise HTTPException(404)
        headers = _headers(FOREVER, Vary="Accept-Encoding")
        body = file.body
        if takes_gzip(request.headers.get("accept-encoding", "")):
            headers["Content-Encoding"] = "gzip"
            body = file.compressed
        return Response(body, headers=headers, media_type=TYPES[Path(name).suffix])


def manifest(version: str, files: Files) -> dict[str, object]:
    """What is in a version: {"version", "files": {name: {"integrity", "bytes", "gzip_bytes"}}}."""
    return {
        "version": version,
        "files": {
            name: {"integrity": file.integrity, "bytes": len(file.body), "gzip_bytes": len(file.compressed)}
            for name, file in files.items()
        },
    }


def snippet(address: str, files: Files) -> str:
    """HTML that puts the chat into a page: the simple one, and one that is tied to this version."""
    there = f"{address}/widget/{version_of(files)}"
    modules = [
        f'<link rel="modulepreload" href="{there}/{name}" integrity="{file.integrity}" crossorigin>'
        for name, file in files.items()
        if name.endswith(".js") and name != ENTRY
    ]
    return "\n".join(
        [
            "<!-- Always the newest version: -->",
            f'<script type="module" src="{address}/widget/{ENTRY}"></script>',
            "<smartcity-chat></smartcity-chat>",
            "",
            "<!-- Or this version only; the browser checks that no file was changed: -->",
            *modules,
            f'<script type="module" src="{there}/{ENTRY}" integrity="{files[ENTRY].integrity}" crossorigin></script>',
            "<smartcity-chat></smartcity-chat>",
        ]
    )


def _headers(lifetime: str, **more: str) -> dict[str, str]:
    return {**PUBLIC, "Cache-Control": lifetime, **more}


def _kept(store: Path, version: str, files: Files) -> dict[str, Files]:
    """Copy this version into the store, drop what is too old, and read the others; all by version."""
    store.mkdir(exist_ok=True)
    _copy(store, version, files)
    found = {version: files}
    for folder in _newest_first(store):
        if folder.name == version:
            continue
        older = read_files(folder) if len(found) < MOST_VERSIONS else {}
        # A copy that is not what its name says is not served.
        if older and version_of(older) == folder.name:
            found[folder.name] = older
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return found


def _copy(store: Path, version: str, files: Files) -> None:
    there = store / version
    if version_of(read_files(there)) != version:
        shutil.rmtree(there, ignore_errors=True)
        fresh = store / f"{version}.{os.getpid()}.{secrets.token_hex(4)}"
        fresh.mkdir()
        for name, file in files.items():
            (fresh / name).write_bytes(file.body)
        try:
            # Appears whole or not at all: of several processes that start at once, one wins.
            fresh.rename(there)
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.utime(there)


def _newest_first(store: Path) -> list[Path]:
    folders = [path for path in store.iterdir() if VERSION.fullmatch(path.name) and path.is_dir()]
    return sorted(folders, key=lambda path: path.stat().st_mtime_ns, reverse=True)
