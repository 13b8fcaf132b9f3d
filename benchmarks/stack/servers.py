"""A PostgreSQL, a Redis and an nginx of the benchmark's own, which it may kill; never the machine's."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import psycopg2

from benchmarks.programs import LOOPBACK, free_port
from benchmarks.stack.part import Part

USER = "postgres"
PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
WAIT_SECONDS = 60.0


def _as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid():
        return []
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]


def postgresql(folder: Path) -> tuple[Part, int]:
    """A new cluster in `folder`, which any local user may enter; the part and its port.

    `folder/postgresql` may be there, empty: a file system of its own.
    """
    if not PLACES:
        raise SystemExit("PostgreSQL's programs are not in /usr/lib/postgresql: apt-get install postgresql.")
    home = folder / "postgresql"
    home.mkdir(exist_ok=True)
    if not os.geteuid():
        shutil.chown(home, USER, USER)
        for parent in (home.parent, *home.parent.parents):
            if parent != Path("/") and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    data = home / "data"
    binaries = PLACES[-1]
    command = [str(binaries / "initdb"), "-D", str(data), "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C"]
    subprocess.run([*_as_postgres(), *command], check=True, stdout=subprocess.DEVNULL, cwd="/")
    port = free_port()
    options = ["-D", str(data), "-p", str(port), "-h", LOOPBACK, "-k", str(home)]
    return Part("postgresql", [*_as_postgres(), str(binaries / "postgres"), *options], folder, {}), port


def wait_for_postgresql(port: int) -> None:
    """Return when it takes connections. Raises TimeoutError."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        try:
            psycopg2.connect(host=LOOPBACK, port=port, user=USER, dbname=USER, connect_timeout=3).close()
            return
        except psycopg2.OperationalError:
            time.sleep(0.2)
    raise TimeoutError(f"PostgreSQL did not start within {WAIT_SECONDS:g} s.")


def postgresql_url(port: int) -> str:
    return f"postgresql://{USER}@{LOOPBACK}:{port}/{USER}"


def redis(folder: Path) -> tuple[Part, int]:
    """A Redis without a file of its own: what a server has that keeps nothing but locks and counts."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", LOOPBACK, "--save", "", "--appendonly", "no"]
    return Part("redis", command, folder, {}), port


def redis_url(port: int) -> str:
    return f"redis://{LOOPBACK}:{port}/0"


def nginx(folder: Path, gateway: int) -> tuple[Part, int]:
    """An nginx with one worker in front of the gateway, with the time-outs of a public server."""
    port = free_port()
    written = folder / "nginx.conf"
    written.write_text(NGINX.format(folder=folder, port=port, gateway=gateway), "ascii")
    return Part("nginx", [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(written)], folder, {}), port


NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  upstream gateway {{ server 127.0.0.1:{gateway} max_fails=0; keepalive 16; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://gateway;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_connect_timeout 2s;
      proxy_read_timeout 15s;
      proxy_next_upstream off;
    }}
  }}
}}
"""
"""deploy/ holds the one for production, with TLS and limits; here only what matters for faults."""
