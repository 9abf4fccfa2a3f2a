"""Every source before a server that means harm: all it does ends in one failed outcome, soon and in little room."""

import base64
import datetime as dt
import gzip
import io
import itertools
import socket
import struct
import threading
import tracemalloc
import zipfile
import zlib
from functools import partial

import pytest

from gis.errors import GisError, printable_text
from gis.sources.open_data import fetch as fetching
from gis.sources.open_data.fetch import FetchOptions, fetch_sources
from gis.sources.open_data.registry import ALL
from gis.sources.open_data.web import Client, Limits

JSON = b'{"type":"FeatureCollection","features":[],"numberMatched":0,"count":0,"results":0,"data":[],"elements":[]}'
LATER = b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\n"
MOVED = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "


def ok(body=JSON, *headers, length=None):
    said = b"".join(header + b"\r\n" for header in headers)
    size = len(body) if length is None else length
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n" % (size, said) + body


def part(body, told, *headers):
    said = b"".join(header + b"\r\n" for header in headers)
    return b"HTTP/1.1 206 Part\r\nContent-Length: %d\r\nContent-Range: %s\r\n%s\r\n" % (len(body), told, said) + body


def chunked(*chunks, end=b"0\r\n\r\n"):
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + end


def later(wait):
    return LATER + b"Retry-After: " + wait + b"\r\n\r\n"


def moved(where):
    return MOVED + where + b"\r\n\r\n"


def packed(body, times=1):
    for _ in range(times):
        body = gzip.compress(body, mtime=0)
    return body


def archive(name="PM_25_NB_620.csv", body=b"x" * 40, *, link=False):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        member = zipfile.ZipInfo(name)
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = (0o120777 if link else 0o100644) << 16
        made.writestr(member, body)
    return stream.getvalue()


def flagged(flags, method):
    made = bytearray(archive())
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        struct.pack_into("<HH", made, made.index(mark) + at, flags, method)
    return bytes(made)


def ranged(file):
    """Serve a file by ranges, as a good server does."""

    def answer(request):
        wanted = request.partition(b"Range: bytes=")[2].partition(b"\r\n")[0]
        if not wanted:
            return ok(file)
        first, _, last = wanted.partition(b"-")
        first, last = int(first), min(int(last or len(file) - 1), len(file) - 1)
        return part(file[first : last + 1], b"bytes %d-%d/%d" % (first, last, len(file)), b'ETag: "a"')

    return answer


def endless(*pieces):
    return lambda _: itertools.chain(pieces[:-1], itertools.repeat(pieces[-1]))


BOMB = packed(bytes(32 << 20))
TWICE = packed(bytes(64 << 20), 2)
DEEP = b"[" * 200_000
HEAD = b"HTTP/1.1 200 OK\r\n"

#: What the server does: the bytes that it sends, or what makes them of a request; no bytes end the connection.
DOES = {
    "says nothing": b"",
    "says no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "says zeros": bytes(4096),
    "a bad version": b"HTTP/9.9 200 OK\r\n\r\n",
    "a status of letters": b"HTTP/1.1 abc OK\r\n\r\n",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "a status that nobody knows": b"HTTP/1.1 299 Odd\r\nContent-Length: 1\r\n\r\nx",
    "status 999": b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
    "no content": b"HTTP/1.1 204 No\r\n\r\n",
    "not modified": b"HTTP/1.1 304 No\r\n\r\n",
    "several choices": b"HTTP/1.1 300 Choose\r\nContent-Length: 0\r\n\r\n",
    "a reason in escapes": b"HTTP/1.1 400 \x1b[2J\x1b]0;owned\x07\r\nContent-Length: 0\r\n\r\n",
    "an error in escapes": b"HTTP/1.1 400 No\r\nContent-Length: 9\r\n\r\n\x1b[31mred\x07",
    "an error without end": endless(HEAD.replace(b"200", b"400") + b"\r\n", b"<b>" * 9000),
    "a head cut short": b"HTTP/1.1 200 OK\r\nContent-Le",
    "no end of the head": endless(HEAD, b"X-A: b\r\n" * 500),
    "a line without end": endless(HEAD + b"X: ", b"a" * 9000),
    "hundreds of headers": HEAD + b"X-A: b\r\n" * 900 + b"Content-Length: 2\r\n\r\n{}",
    "a header of 90 kB": HEAD + b"X-A: " + b"b" * 90_000 + b"\r\nContent-Length: 2\r\n\r\n{}",
    "a header without colon": HEAD + b"nonsense\r\n\r\n",
    "a header with zeros": HEAD + b"X: \x00\r\nContent-Length: 2\r\n\r\n{}",
    "cookies": ok(b"x", *[b"Set-Cookie: a=b; Max-Age=%s; Domain=." % (b"9" * 400)] * 20),
    "goes on for ever before it answers": endless(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a length of letters": HEAD + b"Content-Length: two\r\n\r\n{}",
    "a length below nothing": HEAD + b"Content-Length: -2\r\n\r\n{}",
    "a length of 5000 digits": HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
    "five gigabytes announced": ok(b"{}", length=5 << 30),
    "less than announced": ok(b"{", length=9),
    "more than announced": ok(b"{} and more", length=1),
    "no length and no end": endless(HEAD + b"\r\n", b"[" * 60_000),
    "chunks without end": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"8000\r\n" + b" " * 0x8000 + b"\r\n"),
    "chunks of no size": chunked(end=b"zz\r\n"),
    "a chunk cut short": chunked(end=b"ff\r\nabc"),
    "a chunk of 16 digits": chunked(end=b"ffffffffffffffff\r\nabc"),
    "trailers without end": endless(chunked(b"{}", end=b"0\r\n"), b"X-A: b\r\n" * 500),
    "chunks and a length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "another coding of transfer": HEAD + b"Transfer-Encoding: gzip\r\n\r\nabc",
    "a bomb": ok(BOMB, b"Content-Encoding: gzip"),
    "a bomb packed twice": ok(TWICE, b"Content-Encoding: gzip, gzip"),
    "a bomb packed twice, said twice": ok(TWICE, b"Content-Encoding: gzip", b"Content-Encoding: gzip"),
    "a coding that nobody asked for": ok(zlib.compress(JSON), b"Content-Encoding: deflate"),
    "a coding that nobody knows": ok(JSON, b"Content-Encoding: \x1b[31mzip"),
    "packed by name only": ok(b"x", b"Content-Encoding: gzip"),
    "packed and cut": ok(packed(JSON)[:-9], b"Content-Encoding: gzip"),
    "packed and more": ok(packed(JSON) + b"more", b"Content-Encoding: gzip"),
    "wait: nothing": later(b""),
    "wait: letters": later(b"soon"),
    "wait: a superscript": later("²".encode("latin-1")),
    "wait: digits of elsewhere": later("٣".encode()),
    "wait: below nothing": later(b"-5"),
    "wait: 4301 digits": later(b"9" * 4301),
    "wait: for a day that is none": later(b"Fri, 99 Foo 99999 99:99:99 GMT"),
    "wait: until a time without zone": later(b"Wed, 21 Oct 2015 07:28:00 -0000"),
    "wait: until the end of time": later(b"Fri, 31 Dec 9999 23:59:59 -2359"),
    "moved: nowhere": b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
    "moved: to itself": moved(b"?"),
    "moved: port 99999": moved(b"http://127.0.0.1:99999/"),
    "moved: port of letters": moved(b"http://127.0.0.1:abc/"),
    "moved: port 0": moved(b"http://127.0.0.1:0/"),
    "moved: an open bracket": moved(b"http://["),
    "moved: brackets of nothing": moved(b"http://[]/"),
    "moved: no IPv6": moved(b"http://[::g]/"),
    "moved: a label of 70": moved(b"http://" + b"a" * 70 + b".fr/"),
    "moved: empty labels": moved(b"http://a..b/"),
    "moved: a bad international name": moved("http://xn--\u2488.fr/".encode()),
    "moved: bytes": moved(b"http://\xff\xfe/"),
    "moved: a file": moved(b"file:///etc/passwd"),
    "moved: a script": moved(b"javascript:alert(1)"),
    "moved: data": moved(b"data:application/json,{}"),
    "moved: no host": moved(b"http:///a"),
    "moved: with escapes": moved(b"http://a/\x1b[2J"),
    "moved: 70 kB": moved(b"/" + b"a" * 70_000),
    "moved: this machine": moved(b"http://127.0.0.1:1/"),
    "moved: this machine as a number": moved(b"http://2130706433/"),
    "moved: this machine, briefly": moved(b"http://127.1/"),
    "moved: any address": moved(b"http://0.0.0.0/"),
    "moved: this machine in IPv6": moved(b"http://[::ffff:127.0.0.1]/"),
    "moved: NAT64": moved(b"http://[64:ff9b::7f00:1]/"),
    "moved: 6to4": moved(b"http://[2002:7f00:1::]/"),
    "moved: Teredo": moved(b"http://[2001::1]/"),
    "moved: to all": moved(b"http://224.0.0.1/"),
    "moved: metadata": moved(b"http://169.254.169.254/latest"),
    "moved: with a password": moved(b"http://u:p@10.0.0.1/"),
    "a page": ok(b"<!doctype html><title>\x1b]0;owned\x07</title>", b"Content-Type: text/html"),
    "an exception without end": ok(b"<ExceptionText>" + b"a" * 900_000),
    "nothing at all": ok(b""),
    "lists in lists": ok(DEEP),
    "objects in objects": ok(b'{"a":' * 100_000),
    "a number of 5000 digits": ok(b'{"features": ' + b"9" * 5000 + b', "numberMatched": "' + b"9" * 5000 + b'"}'),
    "a number beyond all": ok(b'{"count": 1e999, "results": 1e999, "features": [], "data": [], "elements": 1e999}'),
    "half a character": ok(
        b'{"features": [{"properties": {"\\ud800": "\\udc00"}}], "elements": [{"type": "\\ud800"}]}'
    ),
    "features that are texts": ok(b'{"features": ["a"], "count": 1, "results": 1, "data": ["a"], "elements": ["a"]}'),
    "a list": ok(b'["a", 1, null]'),
    "null": ok(b"null"),
    "UTF-16 cut in two": ok(JSON.decode().encode("utf-16")[:-1]),
    "a digest of nothing": ok(JSON, b"Repr-Digest: sha-256=:=:"),
    "a digest too long": ok(JSON, b"Digest: sha-256=" + b"A" * 5001),
    "a digest of others": ok(JSON, b"Digest: sha-256=" + base64.b64encode(bytes(32))),
    "a part that nobody asked for": part(JSON, b"bytes 0-9/10"),
    "a part of letters": part(JSON, b"bytes a-b/c"),
    "a part that ends before it begins": part(JSON, b"bytes 9-1/10"),
    "a part beyond the end": part(b"x", b"bytes 0-0/0"),
    "a part of 4301 digits": part(b"x", b"bytes 0-0/" + b"9" * 4301),
    "a part of all there is": part(b"x", b"bytes 0-0/*"),
    "a file larger than a disk": part(b"x", b"bytes 0-0/999999999999999"),
    "not satisfied": b"HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n",
    "a day that is none": ok(b"x", b"Last-Modified: Fri, 99 Foo 99999 99:99:99 GMT"),
    "a day without zone": ok(b"x", b"Last-Modified: Wed, 21 Oct 2015 07:28:00 -0000"),
    "an archive that leads up": ranged(archive("../../PM_25_NB_620.csv")),
    "an archive from the root": ranged(archive("/etc/PM_25_NB_620.csv")),
    "an archive with a link": ranged(archive(link=True)),
    "an archive with a bomb": ranged(archive(body=b"\n" * (32 << 20))),
    "an archive that is locked": ranged(flagged(1, 8)),
    "an archive packed oddly": ranged(flagged(0, 99)),
    "a table whose end is not there": ranged(b"PAR1" + bytes(400) + struct.pack("<I", 2**31 - 1) + b"PAR1"),
    "a table of nothing": ranged(b"PAR1" + b"\xff" * 400 + struct.pack("<I", 300) + b"PAR1"),
}


#: An empty body: one source says so that there is nothing.
SILENT = {"a bad version", "no content", "nothing at all", "chunks and a length"}


class Hostile:
    """A server of one behaviour at a time, in one thread."""

    def __init__(self):
        self.does, self.asked = b"", 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with connection:
            try:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.settimeout(5)
                request = b""
                while b"\r\n\r\n" not in request:
                    if not (came := connection.recv(1 << 16)):
                        return
                    request += came
                self.asked += 1
                sent = self.does(request) if callable(self.does) else self.does
                for piece in [sent] if isinstance(sent, bytes) else sent:
                    connection.sendall(piece)
            except OSError:
                return


@pytest.fixture(scope="module")
def hostile():
    made = Hostile()
    yield made
    made.socket.close()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "layers" / "pays"
    (made / "raw").mkdir(parents=True)
    (made / "communes.csv").write_text("insee,commune_name\n62901,Un\n", encoding="utf-8")
    return made


#: Sources that are asked of servers; those that are asked by boxes get them.
ASKED = [name for name in ALL if name != "fusac"]


@pytest.fixture
def asked(hostile, folder, monkeypatch):
    """Fetch a source from the hostile server, with no wait; return what becomes of it."""
    limits = Limits(seconds=0.4, tries=2, answer=1 << 20, download=1 << 20, answer_seconds=0.7, download_seconds=0.7)
    monkeypatch.setattr(fetching, "Client", partial(Client, sleep=lambda _: None))
    boxes = {"62901": (652_000.0, 7_050_000.0, 658_000.0, 7_056_000.0)}
    of = fetching.source_place_of_folder
    monkeypatch.setattr(fetching, "source_place_of_folder", lambda *given: fetching.replace(of(*given), boxes=boxes))
    services = {name: {"url": hostile.url, "per_second": "1000000"} for name in ALL}
    settings = {"crs": "EPSG:3950", "services": services}

    def ask(name):
        (outcome,) = fetch_sources(folder, settings, [name], FetchOptions(dt.date(2026, 9, 1), limits=limits))
        return outcome

    return ask


@pytest.mark.parametrize("does", DOES)
def test_no_server_brings_a_source_down(hostile, folder, asked, does):
    hostile.does = DOES[does]
    for name in ASKED:
        hostile.asked = 0
        outcome = asked(name)
        if name == "risks" and does in SILENT:
            assert not outcome.rows
            continue
        assert outcome.failed, (name, does)
        assert hostile.asked, (name, does)
        assert "Tell the developers" not in outcome.failed, (name, outcome.failed)  # a cause was met, not the last net
        assert "\x1b" not in printable_text(outcome.failed)
        assert outcome.got == 0
    kept = [path.parent.name for path in (folder / "raw").rglob("*") if path.is_file() and ".part" not in path.name]
    assert set(kept) <= ({"risks", "raw"} if does in SILENT else set())


@pytest.mark.parametrize("does", ["a bomb", "a bomb packed twice", "an archive with a bomb", "no length and no end"])
def test_what_unpacks_without_end_takes_little_room(hostile, asked, does):
    hostile.does = DOES[does]
    tracemalloc.start()
    for name in ("cadastre-ign", "osm", "cadastre", "owners-legal"):
        assert asked(name).failed
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 24 << 20


def test_a_byte_now_and_then_holds_no_fetch(hostile):
    """The clock of the client says that ten seconds pass between one byte and the next."""
    hostile.does = endless(HEAD + b"\r\n", b" ")
    now = itertools.count(0, 10)
    limits = Limits(seconds=60, tries=2, slowest=500, per_second=1e9)
    with Client(bases=[hostile.url], limits=limits, sleep=lambda _: None, clock=lambda: next(now)) as client:
        with pytest.raises(GisError, match="sends less than 500 bytes a second, 2 times"):
            client.get(f"{hostile.url}/a")
        client.limits = Limits()
    limits = Limits(seconds=1e6, tries=2, answer_seconds=400, per_second=1e9)
    with (
        Client(bases=[hostile.url], limits=limits, sleep=lambda _: None, clock=lambda: next(now)) as client,
        pytest.raises(GisError, match="not whole after all the time"),
    ):
        client.get(f"{hostile.url}/a")


def test_there_are_enough_of_them():
    assert len(DOES) >= 110
