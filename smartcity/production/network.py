"""Rules for what can be reached from outside, and for what goes over the network."""

from __future__ import annotations

from ipaddress import ip_network
from urllib.parse import urlsplit

from smartcity.production.rule import LOOPBACK, Rule, Situation, is_loopback

_ENCRYPTED = ("require", "verify-ca", "verify-full")
_WIDEST = {4: 8, 6: 32}
"""The shortest prefix of a network that may be trusted as a proxy."""


def _is_plain(address: str) -> bool:
    return address.startswith("http://")


def _is_plain_abroad(address: str) -> bool:
    return _is_plain(address) and not is_loopback(urlsplit(address).hostname)


def _is_public(host: str) -> bool:
    return host not in LOOPBACK


def _open_origins(now: Situation) -> bool:
    return any("*" in origin for origin in now.settings.origins)


def _trusts_everybody(now: Situation) -> bool:
    for part in str(now.settings.trusted_proxies).split(","):
        try:
            network = ip_network(part.strip())
        except ValueError:
            continue
        if network.prefixlen < _WIDEST[network.version]:
            return True
    return False


def _postgresql_in_the_clear(now: Situation) -> bool:
    return any(
        url is not None
        and url.get_backend_name() == "postgresql"
        # A path is a socket of this machine.
        and not is_loopback(url.host)
        and not url.host.startswith("/")
        and url.query.get("sslmode") not in _ENCRYPTED
        for url in (now.database, now.tracker_store)
    )


def _redis_in_the_clear(now: Situation) -> bool:
    return now.settings.redis.startswith("redis://") and not is_loopback(urlsplit(now.settings.redis).hostname)


def _mail_in_the_clear(now: Situation) -> bool:
    return now.settings.smtp_starttls == "off" and not is_loopback(now.settings.smtp_host)


RULES = (
    Rule(
        "SMARTCITY_ORIGINS",
        "it lets every website use the chat",
        "name each website: https://www.example.org,https://example.org",
        _open_origins,
    ),
    Rule(
        "SMARTCITY_ORIGINS",
        "a website over plain http can be changed on its way, and the chat in it",
        "name https addresses only",
        lambda now: any(_is_plain(origin) for origin in now.settings.origins),
    ),
    Rule(
        "SMARTCITY_LIMITS",
        "without limits one machine can keep all others from being answered",
        "set it to on",
        lambda now: not now.settings.limits,
    ),
    Rule(
        "SMARTCITY_PLATFORM_BASE",
        "it sends the messengers' tokens to another address; it is for tests",
        "leave it empty",
        lambda now: bool(now.settings.platform_base),
    ),
    Rule(
        "SMARTCITY_PUBLIC_URL",
        "what people write could be read on its way",
        "put a web server with TLS in front and name its https address",
        lambda now: _is_plain(now.settings.public_url),
    ),
    Rule(
        "SMARTCITY_CONSOLE_URL",
        "staff's passwords and conversations could be read on their way",
        "put a web server with TLS in front and name its https address",
        lambda now: _is_plain(now.settings.console_url),
    ),
    Rule(
        "SMARTCITY_HOST",
        "the gateway listens for other machines, and no proxy with TLS is named",
        "set it to 127.0.0.1, or name the proxy in SMARTCITY_TRUSTED_PROXIES and keep others away by the firewall",
        lambda now: _is_public(now.settings.host) and not now.settings.trusted_proxies.strip(),
    ),
    Rule(
        "SMARTCITY_CONSOLE_HOST",
        "the console listens for other machines, and no proxy with TLS is named",
        "set it to 127.0.0.1, or name the proxy in SMARTCITY_TRUSTED_PROXIES and keep others away by the firewall",
        lambda now: (
            now.settings.console and _is_public(now.settings.console_host) and not now.settings.trusted_proxies.strip()
        ),
    ),
    Rule(
        "SMARTCITY_TRUSTED_PROXIES",
        "it believes so many machines that anybody can claim any address and escape the limits",
        "name the proxies' own addresses",
        _trusts_everybody,
    ),
    Rule(
        "SMARTCITY_OIDC_ISSUER",
        "who signs in could be changed on the way",
        "use the issuer's https address",
        lambda now: _is_plain_abroad(now.settings.oidc_issuer),
    ),
    Rule(
        "SMARTCITY_MATRIX_HOMESERVER",
        "the account's token could be read on its way",
        "use the homeserver's https address",
        lambda now: _is_plain_abroad(now.settings.matrix_homeserver),
    ),
    Rule(
        "SMARTCITY_CONTENT",
        "whoever is on the way could change what the city says",
        "use the export's https address",
        lambda now: _is_plain_abroad(now.settings.content),
    ),
    Rule(
        "SMARTCITY_SMTP_STARTTLS",
        "requests with names and addresses would go to another machine in the clear",
        "set it to on or tls, or use a mail server on this machine",
        _mail_in_the_clear,
    ),
    Rule(
        "SMARTCITY_DATABASE or endpoints.yml",
        "conversations would go to PostgreSQL on another machine in the clear",
        "add sslmode=verify-full and sslrootcert to the URL (at least sslmode=require), or use a socket",
        _postgresql_in_the_clear,
    ),
    Rule(
        "SMARTCITY_REDIS",
        "its password, and what passes, would go to another machine in the clear",
        "use rediss://, or a socket: unix:///path",
        _redis_in_the_clear,
    ),
)
