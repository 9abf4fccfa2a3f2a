"""Connections to servers: only to addresses that were checked, and with a minimum speed.

A host name is resolved once per request. All its addresses must be public, and the connection uses one of them: a name
that resolves to another machine the next time (DNS rebinding) has no effect. A proxy resolves names itself: with a
proxy, only numeric addresses and names that this machine knows are checked beforehand.
"""

import ipaddress
import re
import socket
import ssl
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import httpcore
import httpx

from gis.errors import SourceError

_LOCAL: Final = ("127.0.0.1", "localhost", "::1")
_HOST: Final = re.compile(r"[a-z0-9_.-]+")
_SCHEMES: Final = {"https": 443, "http": 80}
#: Blocks that map to other addresses, or do not address a single machine: NAT64, 6to4 and its relays, Teredo,
#: deprecated IPv4-compatible IPv6, site-local addresses, and addresses of the local network.
_ELSEWHERE: Final = [
    ipaddress.ip_network(block)
    for block in (
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10", "fe80::/10"),
        *("192.88.99.0/24", "0.0.0.0/8", "169.254.0.0/16"),
    )
]

Origin = tuple[str, str, int]


class TooSlowError(Exception):
    """Less data arrived than the minimum speed; a retry may succeed."""


class TooLateError(Exception):
    """A response was not complete when the total time was over."""


def origin_of_url(url: str) -> Origin:
    """Return the scheme, host and port of a URL.

    Raises
    ------
    ValueError
        If it is not a URL, or has another scheme.
    """
    try:
        parts = httpx.URL(url)
        host = parts.raw_host.decode("ascii").lower().strip("[]")
        address = ipaddress.IPv6Address(host.partition("%")[0]) if ":" in host else None
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise ValueError(str(error)) from None
    if parts.scheme not in _SCHEMES or not (address or _HOST.fullmatch(host)):
        raise ValueError("no web address")
    port = _SCHEMES[parts.scheme] if parts.port is None else parts.port
    if not 0 < port < 1 << 16:
        raise ValueError(f"no port is {port}")
    return parts.scheme, host, port


def is_public_address(address: str) -> bool:
    """Return whether an address is on the public internet.

    >>> (is_public_address("1.1.1.1"), is_public_address("::ffff:10.0.0.1"), is_public_address("64:ff9b::a00:1"),
    ...  is_public_address("224.0.0.1"))
    (True, False, False, False)
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if any(parsed.version == block.version and parsed in block for block in _ELSEWHERE):
        return False
    return parsed.is_global and not (parsed.is_multicast or parsed.is_reserved or parsed.is_unspecified)


def addresses_of_host(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order in which to try them.

    Raises
    ------
    OSError
        If it has none.
    """
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or too long
        raise OSError(str(error)) from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def proxy_of_url(url: str) -> str:
    """Return the proxy that the environment names for a URL, or the empty text."""
    scheme, host, port = origin_of_url(url)
    if host in _LOCAL or urllib.request.proxy_bypass(f"{host}:{port}") or urllib.request.proxy_bypass(host):
        return ""
    proxies = urllib.request.getproxies()
    proxy_address = proxies.get(scheme) or proxies.get("all") or ""
    return proxy_address if not proxy_address or "://" in proxy_address else f"http://{proxy_address}"


@dataclass
class Watch:
    """The time limit of a response, and its minimum speed once it has begun.

    Parameters
    ----------
    clock
        Seconds since an arbitrary moment.
    slowest
        Minimum speed in bytes per second, over each `window` seconds.
    """

    clock: Callable[[], float] = time.monotonic
    slowest: float = 0.0
    window: float = 60.0
    _until: float = field(default=float("inf"), init=False)
    _since: float | None = field(default=None, init=False)
    _came: int = field(default=0, init=False)

    def begin(self, seconds: float) -> None:
        """Start the clock of a response that must be complete within that many seconds."""
        self._until, self._since, self._came = self.clock() + seconds, None, 0

    def left(self, timeout: float | None) -> float | None:
        """Return how many seconds may be waited now."""
        seconds_left = self._until - self.clock()
        if seconds_left <= 0:
            raise TooLateError
        return seconds_left if timeout is None else min(timeout, seconds_left)

    def count(self, size: int) -> None:
        """Count received bytes."""
        now = self.clock()
        if self._since is None:
            self._since = now
        self._came += size
        if now - self._since >= self.window:
            if self._came < self.slowest * (now - self._since):
                raise TooSlowError
            self._since, self._came = now, 0


class _Watched(httpcore.NetworkStream):
    """A connection under the limits of a `Watch`."""

    def __init__(self, stream: httpcore.NetworkStream, watch: Watch) -> None:
        self._stream, self._watch = stream, watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        body = self._stream.read(max_bytes, self._watch.left(timeout))
        self._watch.count(len(body))
        return body

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._watch.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._watch.left(timeout))
        return _Watched(inner, self._watch)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Connects to the addresses resolved for a host; TLS still verifies the host by its name."""

    def __init__(self, watch: Watch) -> None:
        self._plain, self._watch = httpcore.SyncBackend(), watch
        self.addresses: dict[tuple[str, int], list[str]] = {}

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError(f"no address of {host} was looked at")
        for address in self.addresses.get((host.strip("[]"), port), []):
            try:
                stream = self._plain.connect_tcp(
                    address, port, self._watch.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _Watched(stream, self._watch)
        raise failure


class _Through(httpx.HTTPTransport):
    """An httpx transport that uses our connections."""

    def __init__(self, tls: ssl.SSLContext, backend: httpcore.NetworkBackend, proxy: str = "") -> None:
        super().__init__(verify=tls, trust_env=False, proxy=proxy or None)
        # httpx has no argument for it; `test_connecting` fails if the call ever changes.
        self._pool._network_backend = backend  # noqa: SLF001  (as said above)


class CheckedTransport(httpx.BaseTransport):
    """The transport to servers: directly to checked addresses, or through the proxy of the environment.

    Parameters
    ----------
    tls
        The certificates to trust.
    watch
        The limits of time and speed.
    headers, head
        Maximum number of headers of a response, and their maximum size in bytes.
    """

    def __init__(self, tls: ssl.SSLContext, watch: Watch, headers: int, head: int) -> None:
        self._tls, self._watch, self._headers, self._head = tls, watch, headers, head
        self._checked = _Backend(watch)
        self._direct = _Through(tls, self._checked)
        self._proxied: dict[str, _Through] = {}

    def check(self, url: str, *, may_be_private: bool) -> bool:
        """Check the addresses of a host before a connection, and return whether they are allowed.

        Raises
        ------
        OSError
            If the host has none, and there is no proxy that may know it.
        """
        _, host, port = origin_of_url(url)
        try:
            host_addresses = addresses_of_host(host, port)
        except OSError:
            if proxy_of_url(url):
                return True  # only the proxy resolves names, so it decides
            raise
        if not may_be_private and not all(map(is_public_address, host_addresses)):
            return False
        self._checked.addresses[host, port] = host_addresses
        return True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and refuse a response with too many headers; its cookies are discarded."""
        proxy = proxy_of_url(str(request.url))
        transport = self._direct if not proxy else self._proxied.get(proxy) or self._proxied_by(proxy)
        response = transport.handle_request(request)
        header_pairs = response.headers.raw
        if len(header_pairs) > self._headers or sum(len(key) + len(value) for key, value in header_pairs) > self._head:
            response.close()
            raise SourceError(f"{request.url}: answers with more headers than are taken. Look at the service's news.")
        if "set-cookie" in response.headers:
            del response.headers["set-cookie"]
        return response

    def _proxied_by(self, proxy: str) -> _Through:
        proxy_backend = _Backend(self._watch)
        parts = urllib.parse.urlsplit(proxy)
        try:
            host, port = parts.hostname or "", parts.port or _SCHEMES.get(parts.scheme, 1080)
            proxy_backend.addresses[host, port] = addresses_of_host(host, port)
        except (OSError, ValueError):
            raise httpx.ConnectError("the proxy of this machine has no address here") from None
        self._proxied[proxy] = _Through(self._tls, proxy_backend, proxy)
        return self._proxied[proxy]

    def close(self) -> None:
        """Close all connections."""
        for transport in (self._direct, *self._proxied.values()):
            transport.close()
