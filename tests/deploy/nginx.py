"""A real nginx with the configuration of deploy/: a folder of its own, free ports, a certificate made for the test."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import ssl
import subprocess
import time
from pathlib import Path
from typing import Dict

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ..ports import free_ports
from ..system import PROJECT

SOURCE = PROJECT / "deploy" / "nginx"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
CHAT, CONSOLE = "chat.example.org", "konsole.example.org"


class Nginx:
    """nginx in front of gateways and the console at these ports of loopback."""

    def __init__(self, folder: Path, gateways: list[int], console: int) -> None:
        self.plain, self.port = free_ports(2)
        self.folder = folder
        settings = folder / "smartcity"
        settings.mkdir()
        (folder / "tmp").mkdir()
        _certificate(settings)
        lines = "".join(f"server 127.0.0.1:{port} max_fails=2 fail_timeout=2s;\n" for port in gateways)
        (settings / "gateways.conf").write_text(lines, "utf-8")
        (settings / "consoles.conf").write_text(f"server 127.0.0.1:{console};\n", "utf-8")
        for name, text in EMERGENCY.items():
            page = SOURCE / name
            (folder / name).write_text(page.read_text("utf-8") if page.exists() else text, "utf-8")
        site = self._local((SOURCE / "smartcity.conf").read_text("utf-8"))
        (folder / "smartcity.conf").write_text(site, "utf-8")
        main = (SOURCE / "nginx.conf").read_text("utf-8").replace("/tmp/", f"{folder}/tmp/")
        main = main.replace("/etc/nginx/conf.d/smartcity.conf", str(folder / "smartcity.conf"))
        if os.getuid() == 0:
            # Folders of tests are for their owner alone.
            main = f"user root;\n{main}"
        (folder / "nginx.conf").write_text(main, "utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def _local(self, text: str) -> str:
        """The same configuration at ports and paths of this test; every replacement must find something."""
        replacements: Dict[str, str] = {
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
            "listen 80": f"listen 127.0.0.1:{self.plain}",
            "/etc/nginx/smartcity/": f"{self.folder}/smartcity/",
            "/usr/share/smartcity": str(self.folder),
            "error_log stderr crit": f"error_log {self.folder}/error.log crit",
        }
        for old, new in replacements.items():
            assert old in text, old
            text = text.replace(old, new)
        return text

    def check(self) -> subprocess.CompletedProcess[str]:
        """`nginx -t`."""
        command = [NGINX, "-t", "-c", str(self.folder / "nginx.conf")]
        return subprocess.run(command, capture_output=True, text=True)

    def start(self) -> None:
        command = [NGINX, "-c", str(self.folder / "nginx.conf"), "-g", "daemon off;"]
        self._process = subprocess.Popen(command)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                httpx.get(f"http://127.0.0.1:{self.plain}/", headers={"Host": CHAT}, trust_env=False, timeout=2)
                return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise RuntimeError("nginx did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def client(self, host: str = CHAT) -> httpx.Client:
        """A browser that finds `host` at this nginx and checks its certificate."""
        context = ssl.create_default_context(cafile=str(self.folder / "smartcity" / "tls.crt"))
        transport = _Here(self.port, httpx.HTTPTransport(verify=context, retries=0, trust_env=False))
        return httpx.Client(base_url=f"https://{host}", transport=transport, timeout=20, trust_env=False)


class _Here(httpx.BaseTransport):
    """Sends requests for any name to this machine, under that name."""

    def __init__(self, port: int, inner: httpx.HTTPTransport) -> None:
        self._port, self._inner = port, inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = request.url.host
        request.url = request.url.copy_with(host="127.0.0.1", port=self._port)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


EMERGENCY = {
    "emergency.html": "<!doctype html><title>Nicht erreichbar</title><p>Bitte versuchen Sie es später noch einmal.\n",
    "emergency.json": '{"error": {"code": "unavailable", "message": "später", "retry_after": 30}}\n',
}
"""What stands in where the project has no such pages yet."""


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, CHAT)])
    now = dt.datetime.now(dt.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(CHAT), x509.DNSName(CONSOLE)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "tls.key").write_bytes(private)
