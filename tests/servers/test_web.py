"""What servers do to those who ask, and what the client makes of it."""

import base64
import gzip
import hashlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from gis.errors import SourceError, SourceMissingError
from gis.sources.open_data.web import AGENT, Client, Limits

BODY = bytes(range(256)) * 4000


def test_we_say_who_asks(service, client):
    service.files["/a"] = b"{}"
    assert client.json(f"{service.url}/a") == {}
    assert service.log[0].headers["user-agent"] == AGENT


def test_a_refusal_for_now_is_waited_out_as_the_server_asks(service, client, reply):
    service.files["/a"] = b"[1]"
    service.script["/a"] = [reply(status=429, headers={"Retry-After": "7"})]
    assert client.json(f"{service.url}/a") == [1]
    assert client.waits == [7.0]


def test_a_date_to_come_back_at_is_understood(service, client, reply):
    service.files["/a"] = b"[1]"
    service.script["/a"] = [reply(status=503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})]
    assert client.json(f"{service.url}/a") == [1]
    assert client.waits == [0.0]


def test_three_failures_are_waited_out_longer_each_time(service, client, reply):
    service.files["/a"] = b"[1]"
    service.script["/a"] = [reply(status=500)] * 3
    assert client.json(f"{service.url}/a") == [1]
    assert client.waits == [1, 2, 4]


def test_a_server_that_never_recovers_is_given_up_in_one_line(service, client, reply):
    service.script["/a"] = [reply(status=500)] * 5
    with pytest.raises(SourceError, match=r"/a: answers 500 Internal Server Error, 5 times\. Try again later\.$"):
        client.get(f"{service.url}/a")
    assert len(service.log) == 5


def test_a_wait_of_an_hour_is_left_to_the_person(service, client, reply):
    service.script["/a"] = [reply(status=429, headers={"Retry-After": "3600"})]
    with pytest.raises(SourceError, match="asks to wait 3600 s"):
        client.get(f"{service.url}/a")
    assert client.waits == []


def test_a_server_that_says_nothing_is_given_up(service, reply):
    service.script["/a"] = [reply(b"{}", declared=9, cut=0, stall=2)] * 2
    limits = Limits(seconds=0.2, tries=2, per_second=1e9)
    with (
        Client(bases=[service.url], limits=limits, sleep=lambda _: None) as client,
        pytest.raises(SourceError, match="no answer in time, 2 times"),
    ):
        client.get(f"{service.url}/a")


@pytest.mark.parametrize("declared", [None, 11], ids=["length not said", "length said"])
def test_a_body_cut_short_is_asked_for_again(service, client, reply, declared):
    service.files["/a"] = b'{"a": [1]}'
    service.script["/a"] = [reply(b'{"a": [1', declared=declared, cut=8)]
    assert client.json(f"{service.url}/a") == {"a": [1]}
    assert len(service.log) == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<!doctype html><title>Maintenance</title>", "“Maintenance”"),
        (b"<ows:ExceptionReport><ows:ExceptionText>Bad  layer</ows:ExceptionText>", "“Bad layer”"),
    ],
    ids=["a page", "an exception with status 200"],
)
def test_markup_is_not_json(service, client, reply, body, said):
    service.script["/a"] = [reply(body)]
    with pytest.raises(SourceError, match=f"answers {said} instead of JSON"):
        client.json(f"{service.url}/a")
    assert len(service.log) == 1


def test_what_is_not_there_is_missing(service, client):
    with pytest.raises(SourceMissingError, match="404"):
        client.get(f"{service.url}/a")


def test_an_exception_of_the_service_is_quoted(service, client, reply):
    text = b"<ows:ExceptionReport><ows:ExceptionText>Too long</ows:ExceptionText></ows:ExceptionReport>"
    service.script["/a"] = [reply(text, status=400)]
    with pytest.raises(SourceError, match="answers 400: “Too long”"):
        client.get(f"{service.url}/a")


@pytest.mark.parametrize("ask", [Client.get, Client.json])
def test_five_gigabytes_are_refused_before_they_come(service, client, reply, ask):
    service.script["/a"] = [reply(b"x" * 10, declared=5 << 30)]
    with pytest.raises(SourceError, match=r"5,368,709,120 bytes or more, over the 4,194,304 that are taken"):
        ask(client, f"{service.url}/a")


def test_five_gigabytes_of_a_file_are_refused_before_they_come(service, client, reply, tmp_path):
    service.script["/a"] = [reply(b"x" * 10, declared=5 << 30)]
    with pytest.raises(SourceError, match="5,368,709,120 bytes"):
        client.download(f"{service.url}/a", tmp_path / "a")
    assert not (tmp_path / "a").exists()
    assert not (tmp_path / "a.part").exists()


def test_a_small_answer_that_unpacks_without_end_is_refused(service, client, reply, bomb):
    service.script["/a"] = [reply(bomb, headers={"Content-Encoding": "gzip"})]
    with pytest.raises(SourceError, match="over the 4,194,304"):
        client.get(f"{service.url}/a")


@pytest.mark.parametrize(
    "where",
    ["http://127.0.0.1:1/x", "http://10.0.0.1/x", "http://169.254.169.254/latest/meta-data", "http://[::1]:9/x"],
)
def test_no_redirect_leads_into_a_private_network(service, client, reply, where):
    service.script["/a"] = [reply(status=302, headers={"Location": where})]
    with pytest.raises(SourceError, match=r"is in a private network\. It is not followed"):
        client.get(f"{service.url}/a")


def test_no_redirect_leads_to_a_file(service, client, reply):
    service.script["/a"] = [reply(status=302, headers={"Location": "file:///etc/passwd"})]
    with pytest.raises(SourceError, match="no secure address"):
        client.get(f"{service.url}/a")


def test_a_redirect_within_the_configured_address_is_followed(service, client, reply):
    service.files["/b"] = b"[2]"
    service.script["/a"] = [reply(status=302, headers={"Location": "/b"})]
    assert client.json(f"{service.url}/a") == [2]


def test_redirects_without_end_are_given_up(service, client, reply):
    service.script["/a"] = [reply(status=302, headers={"Location": "/a"})] * 9
    with pytest.raises(SourceError, match="5 times"):
        client.get(f"{service.url}/a")


def test_a_private_address_that_is_not_configured_is_refused(service):
    with Client(bases=[]) as client, pytest.raises(SourceError, match="private network"):
        client.get(f"{service.url}/a")
    assert service.log == []


def test_a_file_comes_as_it_is_packed(service, client, tmp_path):
    packed = gzip.compress(b"plain", mtime=0)
    service.files["/a.gz"] = packed
    got = client.download(f"{service.url}/a.gz", tmp_path / "deep" / "a.gz")
    assert (tmp_path / "deep" / "a.gz").read_bytes() == packed
    assert (got.bytes, got.modified) == (len(packed), "2026-07-01")
    assert [file.name for file in (tmp_path / "deep").iterdir()] == ["a.gz"]


def test_a_packed_file_that_is_also_called_encoded_stays_packed(service, client, reply, tmp_path):
    packed = gzip.compress(b"plain", mtime=0)
    service.script["/a.gz"] = [reply(packed, headers={"Content-Encoding": "gzip"})]
    client.download(f"{service.url}/a.gz", tmp_path / "a.gz")
    assert (tmp_path / "a.gz").read_bytes() == packed


def test_a_file_whose_transfer_was_cut_goes_on_where_it_stopped(service, client, reply, tmp_path):
    service.files["/a"] = BODY
    tag = service.reply(type("Asked", (), {"path": "/a", "headers": {}})()).headers["ETag"]
    service.log.clear()
    service.script["/a"] = [reply(BODY, headers={"ETag": tag}, cut=600_000)]
    client.download(f"{service.url}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    begun = int(service.log[1].headers["range"].removeprefix("bytes=").removesuffix("-"))
    assert 0 < begun <= 600_000
    assert service.log[1].headers["if-range"] == tag


def test_a_file_that_changed_in_between_is_begun_anew(service, client, reply, tmp_path):
    service.files["/a"] = BODY
    service.script["/a"] = [reply(b"old" * 300_000, headers={"ETag": '"old"'}, cut=600_000)]
    client.download(f"{service.url}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY


@pytest.mark.parametrize("lacks", ["ranges", "tags"])
def test_a_server_that_cannot_go_on_sends_all_again(service, client, reply, tmp_path, lacks):
    setattr(service, lacks, False)
    service.files["/a"] = BODY
    service.script["/a"] = [reply(BODY, cut=600_000)]
    client.download(f"{service.url}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY


def test_bytes_that_are_not_those_announced_are_refused(service, client, reply, tmp_path):
    good = base64.b64encode(hashlib.sha256(b"good").digest()).decode()
    service.script["/a"] = [reply(b"evil", headers={"Repr-Digest": f"sha-256=:{good}:"})]
    with pytest.raises(SourceError, match="not those announced"):
        client.download(f"{service.url}/a", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
    service.script["/a"] = [reply(b"good", headers={"Repr-Digest": f"sha-256=:{good}:"})]
    client.download(f"{service.url}/a", tmp_path / "a")


def test_a_page_in_place_of_a_file_is_refused_and_the_old_file_stays(service, client, reply, tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    service.script["/a"] = [reply(b"<html>", headers={"Content-Type": "text/html; charset=utf-8"})]
    with pytest.raises(SourceError, match="a web page instead of a file"):
        client.download(f"{service.url}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_download_that_was_killed_goes_on(service, client, reply, tmp_path):
    service.files["/a"] = BODY
    tag = service.reply(type("Asked", (), {"path": "/a", "headers": {}})()).headers["ETag"]
    service.log.clear()
    service.script["/a"] = [reply(BODY, headers={"ETag": tag}, cut=700_000, stall=30)]
    script = textwrap.dedent(f"""
        from pathlib import Path
        from gis.sources.open_data.web import Client
        with Client(bases=[{service.url!r}]) as client:
            client.download("{service.url}/a", Path({str(tmp_path)!r}) / "a")
    """)
    child = subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    part = tmp_path / "a.part"
    deadline = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size > 200_000):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not (tmp_path / "a").exists()
    client.download(f"{service.url}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    assert service.log[-1].headers["range"].startswith("bytes=")


def test_a_file_is_read_where_asked_without_downloading_it(service, client):
    service.files["/a"] = BODY
    with client.remote(f"{service.url}/a") as file:
        file.seek(-100, os.SEEK_END)
        assert file.read() == BODY[-100:]
        file.seek(1000)
        assert file.read(50) == BODY[1000:1050]
        assert file.tell() == 1050


def test_a_file_that_changes_while_it_is_read_is_refused(service, client):
    service.files["/a"] = BODY
    with client.remote(f"{service.url}/a") as file:
        file.read(10)
        service.files["/a"] = BODY[::-1]
        file.seek(-100, os.SEEK_END)
        with pytest.raises(SourceError, match="changed while it was read"):
            file.read()


def test_a_server_without_ranges_cannot_be_read_in_parts(service, client):
    service.files["/a"], service.ranges = BODY, False
    with pytest.raises(SourceError, match="gives no parts of a file"):
        client.remote(f"{service.url}/a")


def test_no_more_is_asked_in_a_second_than_allowed(service):
    service.files["/a"] = b"{}"
    waits = []
    with Client(bases=[service.url], limits=Limits(per_second=2), sleep=waits.append) as client:
        client.get(f"{service.url}/a")
        client.get(f"{service.url}/a")
    assert len(waits) == 1
    assert 0.3 < waits[0] <= 0.5


def test_the_proxy_of_the_machine_is_used(monkeypatch):
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:

        def answer():
            connection, _ = proxy.accept()
            with connection:
                heard.append(connection.recv(4096).splitlines()[0])
                connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        limits = Limits(tries=1)
        with Client(bases=["https://example.org"], limits=limits) as client, pytest.raises(SourceError, match="502"):
            client.get("https://example.org/a")
        thread.join(5)
    assert heard == [b"CONNECT example.org:443 HTTP/1.1"]
