"""Only addresses that were looked at are connected to, and a text from elsewhere does nothing to a terminal."""

import socket
import ssl
import threading

import httpcore
import httpx
import pytest

from gis.errors import SourceError, printable_text
from gis.sources.open_data import connecting
from gis.sources.open_data.connecting import (
    CheckedTransport,
    TooLateError,
    TooSlowError,
    Watch,
    is_public_address,
    origin_of_url,
)
from gis.sources.open_data.web import Client, Limits


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104
        *("0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.2.1"),
        *("192.168.0.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
        *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808"),
        *("64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1", "2001::1", "2001:db8::1", "fc00::1", "fd00:ec2::254"),
        *("fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1"),
    ],
)
def test_no_address_is_public_that_leads_to_this_network_or_may(address):
    assert not is_public_address(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "185.31.41.1", "2606:4700:4700::1111", "2a01:e0d:1::1"])
def test_addresses_of_the_open_internet_are_public(address):
    assert is_public_address(address)


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "http://", "http://[", "http://[::1", "http://a:99999", "http://a:0", "http://a:-1", "http://a:x"),
        *(
            "ftp://a",
            "file:///a",
            "javascript:1",
            "http://xn--\x00.fr",
            f"http://{'a' * 64}..fr\udc00",
            "http://\u2488.x",
        ),
    ],
)
def test_what_is_no_web_address_is_a_value_error(url):
    with pytest.raises(ValueError, match=r"."):
        origin_of_url(url)


class Names:
    """What names mean: something else the second time one is asked for."""

    def __init__(self, monkeypatch, port, *answers):
        self.answers, self.asked, self.real = list(answers), [], socket.getaddrinfo
        self.port = port
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host, port, *args, **more):
        if host != "publisher.example":
            return self.real(host, port, *args, **more)
        self.asked.append(host)
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, self.port))]


def test_a_name_that_means_this_machine_the_second_time_leads_nowhere(service, monkeypatch):
    service.files["/a"] = b"internal"
    port = int(service.url.rpartition(":")[2])
    monkeypatch.setattr(connecting, "is_public_address", lambda address: address == "127.0.0.2")
    names = Names(monkeypatch, port, "127.0.0.2", "127.0.0.1")
    tried = []
    plain = httpcore.SyncBackend.connect_tcp

    def connect(self, host, port, *rest):
        tried.append(host)
        if host != "127.0.0.1":
            raise httpcore.ConnectError("nobody")
        return plain(self, host, port, *rest)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    with Client(limits=Limits(tries=1)) as client, pytest.raises(SourceError, match="connection failed"):
        client.get(f"http://publisher.example:{port}/a")
    assert (tried, names.asked, service.log) == (["127.0.0.2"], ["publisher.example"], [])
    with Client(limits=Limits(tries=1)) as client, pytest.raises(SourceError, match="private network"):
        client.get(f"http://publisher.example:{port}/a")
    assert service.log == []


def test_a_name_of_which_one_address_is_private_is_refused(monkeypatch):
    def found(*_, **__):
        return [(2, 1, 6, "", (address, 443)) for address in ("1.1.1.1", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with Client() as client, pytest.raises(SourceError, match="private network"):
        client.get("https://publisher.example/a")


def test_the_host_is_asked_for_by_its_name(service, monkeypatch):
    service.files["/a"] = b"{}"
    port = int(service.url.rpartition(":")[2])
    Names(monkeypatch, port, "127.0.0.1")
    url = f"http://publisher.example:{port}"
    with Client(bases=[url]) as client:
        assert client.json(f"{url}/a") == {}
    assert service.log[0].headers["host"] == f"publisher.example:{port}"


def test_tls_asks_for_the_host_by_its_name_whatever_the_address(monkeypatch):
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen():
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(4096))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        port = server.getsockname()[1]
        Names(monkeypatch, port, "127.0.0.1")
        url = f"https://publisher.example:{port}"
        with (
            Client(bases=[url], limits=Limits(tries=1)) as client,
            pytest.raises(SourceError, match="connection failed"),
        ):
            client.get(f"{url}/a")
        thread.join(5)
    assert b"publisher.example" in heard[0]  # the name of the server in the first message of TLS


def test_nothing_is_connected_to_that_was_not_looked_at(service):
    way = CheckedTransport(ssl.create_default_context(), Watch(), 100, 1 << 16)
    with pytest.raises(httpx.ConnectError, match="was looked at"):
        way.handle_request(httpx.Request("GET", f"{service.url}/a"))
    assert service.log == []


def test_an_answer_that_trickles_is_given_up():
    now = [0.0]
    watch = Watch(lambda: now[0], slowest=100, window=10)
    watch.begin(1000)
    for now[0] in (500.0, 505.0, 509.0):  # who thinks for long before is not slow
        watch.count(1)
    now[0] = 511.0
    with pytest.raises(TooSlowError):
        watch.count(1)
    now[0] = 1001.0
    with pytest.raises(TooLateError):
        watch.left(60)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Rue de l’Église\n\tœuf 🏭 «x»", None),
        ("\x1b]0;owned\x07", "\\u001b]0;owned\\u0007"),
        ("\x9b31m", "\\u009b31m"),
        ("a\rb\x08\x7f", "a\\u000db\\u0008\\u007f"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("a\u2028b", "a\\u2028b"),
    ],
)
def test_no_control_reaches_the_terminal(text, seen):
    assert printable_text(text) == (text if seen is None else seen)
