"""The widget's files: versioned by content, checked by integrity, compressed, and still there after an upgrade."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Protocol

import httpx
import pytest
from starlette.applications import Starlette

from smartcity.gateway.app import create_app
from smartcity.gateway.widget import MOST_VERSIONS, Widget, read_files, version_of
from smartcity.settings import read_settings

from .standin import SECRET, running
from .steps import error_of

ENTRY = b'import "./words.js";\n' * 50
IMMUTABLE = "public, max-age=31536000, immutable"


class Serve(Protocol):
    def __call__(self, **files: bytes) -> httpx.Client: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A widget of three files, beside some that are none of it."""
    folder = tmp_path / "widget"
    folder.mkdir()
    (folder / "smartcity-chat.js").write_bytes(ENTRY)
    (folder / "words.js").write_bytes("export const words = 'grüß';\n".encode())
    (folder / "icon.svg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "README.md").write_bytes(b"no")
    (folder / ".hidden.js").write_bytes(b"no")
    (folder / "tests.js").mkdir()
    return folder


@pytest.fixture
def serve(folder: Path, tmp_path: Path) -> Iterator[Serve]:
    """Serve the folder as it is now, as after a restart."""
    settings = read_settings({"SMARTCITY_SECRET": SECRET, "SMARTCITY_VAR": str(tmp_path / "var")})
    with ExitStack() as stack:

        def served(**files: bytes) -> httpx.Client:
            for name, body in files.items():
                (folder / f"{name}.js").write_bytes(body)
            port = stack.enter_context(running(create_app(settings, widget=folder)))
            return stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False))

        yield served


def _version(client: httpx.Client) -> str:
    version = client.get("/widget/manifest.json").json()["version"]
    assert re.fullmatch("[0-9a-f]{12}", version)
    return str(version)


def _raw(client: httpx.Client, path: str, encoding: str) -> tuple[httpx.Response, bytes]:
    with client.stream("GET", path, headers={"Accept-Encoding": encoding}) as answer:
        return answer, b"".join(answer.iter_raw())


def test_the_entry_loads_the_present_version(serve: Serve) -> None:
    client = serve()
    answer = client.get("/widget/smartcity-chat.js")
    assert answer.text == f'import "./{_version(client)}/smartcity-chat.js";\n'
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=300"
    again = client.get("/widget/smartcity-chat.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["access-control-allow-origin"] == "*"
    changed = serve(words=b"export const words = 'neu';\n")
    newer = changed.get("/widget/smartcity-chat.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (newer.status_code, newer.text != answer.text) == (200, True)


@pytest.mark.parametrize(
    ("name", "kind"), [("smartcity-chat.js", "text/javascript; charset=utf-8"), ("icon.svg", "image/svg+xml")]
)
def test_versioned_files_stay_for_ever(serve: Serve, folder: Path, name: str, kind: str) -> None:
    client = serve()
    answer = client.get(f"/widget/{_version(client)}/{name}")
    assert answer.content == (folder / name).read_bytes()
    assert answer.headers["content-type"] == kind
    assert answer.headers["cache-control"] == IMMUTABLE
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_integrity_is_that_of_the_served_bytes(serve: Serve) -> None:
    client = serve()
    manifest = client.get("/widget/manifest.json")
    assert manifest.headers["cache-control"] == "no-cache"
    files = manifest.json()["files"]
    assert set(files) == {"smartcity-chat.js", "words.js", "icon.svg"}
    for name, told in files.items():
        path = f"/widget/{manifest.json()['version']}/{name}"
        _, plain = _raw(client, path, "identity")
        _, compressed = _raw(client, path, "gzip")
        assert told["integrity"] == "sha384-" + base64.b64encode(hashlib.sha384(plain).digest()).decode()
        assert (told["bytes"], told["gzip_bytes"]) == (len(plain), len(compressed))
        assert gzip.decompress(compressed) == plain


def test_compressed_only_for_those_who_take_it(serve: Serve) -> None:
    client = serve()
    path = f"/widget/{_version(client)}/smartcity-chat.js"
    for encoding in ("gzip", "br, gzip;q=0.5", "*"):
        answer, body = _raw(client, path, encoding)
        assert answer.headers["content-encoding"] == "gzip"
        assert len(body) < len(ENTRY) / 5
        assert body[4:8] == bytes(4), "no time stands in it"
    for encoding in ("identity", "br", "gzip;q=0", ""):
        answer, body = _raw(client, path, encoding)
        assert "content-encoding" not in answer.headers
        assert body == ENTRY
        assert answer.headers["vary"] == "Accept-Encoding"


def test_version_depends_on_names_and_contents_only(folder: Path) -> None:
    version = version_of(read_files(folder))
    os.utime(folder / "words.js", (1, 1))
    (folder / "README.md").write_bytes(b"other")
    assert version_of(read_files(folder)) == version
    (folder / "words.js").rename(folder / "wordz.js")
    other = version_of(read_files(folder))
    (folder / "wordz.js").write_bytes(b"")
    assert len({version, other, version_of(read_files(folder))}) == 3


@pytest.mark.parametrize(
    "path",
    [
        "/widget/",
        "/widget/words.js",
        "/widget/nothing.js",
        "/widget/VERSION/",
        "/widget/VERSION/nothing.js",
        "/widget/VERSION/README.md",
        "/widget/VERSION/.hidden.js",
        "/widget/VERSION/tests.js",
        "/widget/VERSION/manifest.json",
        "/widget/000000000000/smartcity-chat.js",
        "/widget/../widget/README.md",
        "/widget/..%2f..%2fvar%2fsecret",
        "/widget/VERSION/..%2fREADME.md",
        "/widget/VERSION/%2e%2e/README.md",
        "/widget/%2e%2e/smartcity-chat.js",
        "/widget/./smartcity-chat.js",
        "/widget/VERSION/words.js%00",
        "/widget/VERSION/sub/words.js",
    ],
)
def test_nothing_else_is_served(serve: Serve, path: str) -> None:
    client = serve()
    connection = HTTPConnection(client.base_url.host, client.base_url.port or 80)
    with closing(connection):
        # As it stands: httpx would tidy the path up before it sends it.
        connection.request("GET", path.replace("VERSION", _version(client)))
        answer = connection.getresponse()
        assert (answer.status, b"not_found" in answer.read()) == (404, True)


def test_any_website_may_read_the_files_and_nothing_else(serve: Serve) -> None:
    client = serve()
    foreign = {"Origin": "https://evil.example"}
    for path in ("/widget/smartcity-chat.js", "/widget/manifest.json", f"/widget/{_version(client)}/words.js"):
        for method in ("GET", "HEAD"):
            answer = client.request(method, path, headers=foreign)
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "Origin" not in answer.headers.get("vary", "")
        error_of(client.post(path, headers=foreign), 403, "origin_not_allowed")
    for path in ("/chat/config", "/", "/chat", "/health", "/widget", "/widgets/", "/static/icon.svg"):
        error_of(client.get(path, headers=foreign), 403, "origin_not_allowed")
    for path in ("/widget/../chat/config", "/widget/%2e%2e/chat/config", "/widget/..%2fhealth"):
        answer = client.get(path, headers=foreign)
        assert answer.status_code in (403, 404)


def test_pinned_versions_outlive_an_upgrade(serve: Serve, tmp_path: Path) -> None:
    old = serve()
    version = _version(old)
    body = old.get(f"/widget/{version}/words.js").content
    (tmp_path / "widget" / "icon.svg").unlink()
    new = serve(words=b"export const words = 'neu';\n")
    assert _version(new) != version
    pinned = new.get(f"/widget/{version}/words.js")
    assert pinned.content == body
    assert pinned.headers["cache-control"] == IMMUTABLE
    assert new.get(f"/widget/{version}/icon.svg").status_code == 200
    error_of(new.get(f"/widget/{_version(new)}/icon.svg"), 404, "not_found")


def test_the_newest_versions_are_kept(serve: Serve, tmp_path: Path) -> None:
    versions = []
    for number in range(MOST_VERSIONS + 3):
        client = serve(words=f"export const words = {number};\n".encode())
        versions.append(_version(client))
    kept = [client.get(f"/widget/{version}/words.js").status_code == 200 for version in versions]
    assert kept == [False] * 3 + [True] * MOST_VERSIONS
    assert {path.name for path in (tmp_path / "var" / "widget").iterdir()} == set(versions[3:])
    back = serve(words=b"export const words = 3;\n")
    assert _version(back) == versions[3]
    after = serve(words=b"export const words = 'last';\n")
    assert after.get(f"/widget/{versions[3]}/words.js").status_code == 200, "served again, so among the newest"


def test_a_copy_that_was_changed_is_not_served(serve: Serve, tmp_path: Path) -> None:
    old = _version(serve())
    (tmp_path / "var" / "widget" / old / "words.js").write_bytes(b"alert(1)")
    error_of(serve(words=b"export const words = 'neu';\n").get(f"/widget/{old}/words.js"), 404, "not_found")
    again = serve(words="export const words = 'grüß';\n".encode())
    assert _version(again) == old
    assert "grüß" in (tmp_path / "var" / "widget" / old / "words.js").read_text("utf-8"), "copied anew"


def test_without_a_widget_the_rest_works(tmp_path: Path) -> None:
    settings = read_settings({"SMARTCITY_SECRET": SECRET, "SMARTCITY_VAR": str(tmp_path)})
    with running(Starlette(routes=Widget(settings, tmp_path / "nowhere").routes())) as port:
        assert httpx.get(f"http://127.0.0.1:{port}/widget/smartcity-chat.js", trust_env=False).status_code == 404
        manifest = httpx.get(f"http://127.0.0.1:{port}/widget/manifest.json", trust_env=False)
        assert manifest.json()["files"] == {}


def test_the_projects_own_widget_is_served(gateway: httpx.Client) -> None:
    loader = gateway.get("/widget/smartcity-chat.js")
    path = re.fullmatch(r'import "\./([0-9a-f]{12}/smartcity-chat\.js)";\n', loader.text)
    assert path
    assert gateway.get(f"/widget/{path.group(1)}").status_code == 200
    for imported in re.findall(r'from "\./([^"]+)"', gateway.get(f"/widget/{path.group(1)}").text):
        assert gateway.get(f"/widget/{path.group(1).split('/')[0]}/{imported}").status_code == 200
