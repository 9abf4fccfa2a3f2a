"""HTTP downloads from publishers' servers: rate-limited, bounded, and never trusted.

httpx sends the requests; truststore provides the certificates of the machine, including those of a local authority's
own network; `HTTPS_PROXY` is honoured. This module adds: waiting as long as a server requests, resuming an interrupted
download, refusing a response that is too large before it is received, and refusing addresses of the local network
(`connecting`). Every quantity has a limit (`Limits`), and a malformed header is ignored.
"""

import base64
import binascii
import datetime as dt
import email.utils
import hashlib
import io
import json
import os
import re
import ssl
import time
import urllib.parse
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import httpx
import truststore

from gis.errors import SourceError, SourceMissingError
from gis.sources.open_data.answers import parse_json
from gis.sources.open_data.connecting import CheckedTransport, TooLateError, TooSlowError, Watch, origin_of_url

#: The User-Agent header.
AGENT: Final = f"Emprise/{version('emprise')} (open-source tool for economic land; one user, by hand)"

_LATER: Final = {429, 500, 502, 503, 504}
_MOVED: Final = {301, 302, 303, 307, 308}
_HOPS: Final = 5
_BLOCK: Final = 1 << 18
_AHEAD: Final = 1 << 16
#: Maximum expansion of a compressed response, unless it stays below a megabyte.
_UNPACKED: Final = 100
_SMALL: Final = 1 << 20

Progress = Callable[[int, int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a client: sizes and waiting times."""

    seconds: float = 60  # without any data
    slowest: float = 500  # bytes a second, over each `seconds` since the first byte
    answer: int = 256 << 20  # bytes of one response that is read at once
    answer_seconds: float = 900  # until it is complete
    download: int = 4 << 30  # bytes of one file, or of all parts read from a remote file
    download_seconds: float = 6 * 3600  # until it is complete
    headers: int = 100  # of one response
    head: int = 64 << 10  # bytes of them
    pages: int = 2000  # of one list
    pages_seconds: float = 3600  # until the last of them is requested
    tries: int = 5
    wait: float = 1  # seconds before the second try, doubled each time
    longest_wait: float = 120
    per_second: float = 5  # requests


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A response of a server: its bytes, its URL, and the date that the server gives."""

    url: str
    body: bytes
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """A complete downloaded file: its size, its rows if the service states them, and the date from the server."""

    bytes: int
    modified: str = ""
    rows: int | None = None
    announced: int | None = None


class _AgainError(Exception):
    """An error that a retry may resolve; `wait` is what the server requests."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class _AnewError(_AgainError):
    """An error that a retry from the start may resolve."""


@dataclass
class Client:
    """Sends requests to publishers' servers, within limits.

    Parameters
    ----------
    bases
        Configured URLs. Only they may be on this machine or in a private network.
    limits
        The limits of sizes and times.
    progress
        Called with the numbers of further bytes and rows received.
    sleep, clock
        How to wait, and the time in seconds since an arbitrary moment.
    """

    bases: Collection[str] = ()
    limits: Limits = field(default_factory=Limits)
    progress: Progress = lambda _bytes, _rows: None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _last: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        limits = self.limits
        self._origins = {_checked_origin(base) for base in self.bases}
        self._watch = Watch(self.clock, limits.slowest, limits.seconds)
        tls = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._way = CheckedTransport(tls, self._watch, limits.headers, limits.head)
        self._http = httpx.Client(
            transport=self._way,
            timeout=limits.seconds,
            headers={"User-Agent": AGENT, "Accept-Encoding": "gzip"},
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, url: str, parameters: Mapping[str, str] | None = None) -> HttpAnswer:
        """Return a complete response, of a size that fits in memory.

        Raises
        ------
        SourceMissingError
            If there is nothing at that URL.
        SourceError
            If the server refuses, is too slow, sends too much, or fails at each try.
        """
        address = _address_with_parameters(url, parameters)
        return self._retried(address, lambda: self._whole(address))

    def json(self, url: str, parameters: Mapping[str, str] | None = None, *, empty: Any = None) -> Any:
        """Return a response parsed as JSON; a truncated one is requested again.

        `empty` is the meaning of an empty body, for services that return one if there is nothing.
        """
        address = _address_with_parameters(url, parameters)
        return self._retried(address, lambda: _json_of_answer(self._whole(address), empty))

    def _whole(self, url: str) -> HttpAnswer:
        with self._open(url) as response:
            if response.status_code == httpx.codes.PARTIAL_CONTENT:
                raise SourceError(f"{response.url}: answers a part where all was asked for. Try again later.")
            self._bounded(response, _content_length(response), self.limits.answer)
            packed, body = bytearray(), bytearray()
            for chunk in self._came(response, packed):
                body += chunk
                self._bounded(response, len(body), self.limits.answer)
            _check_digest(response, [bytes(packed), bytes(body)])
            return HttpAnswer(str(response.url), bytes(body), _last_modified_day(response))

    def pages(self, url: str) -> Iterator[int]:
        """Yield page numbers from 1 on, within the limits of number and time.

        Raises
        ------
        SourceError
            If there are more.
        """
        until = self.clock() + self.limits.pages_seconds
        for page in range(1, self.limits.pages + 1):
            if self.clock() > until:
                break
            yield page
        raise SourceError(f"{url}: gives page after page, more than are taken. Narrow what is asked for.")

    def _came(self, response: httpx.Response, packed: bytearray) -> Iterator[bytes]:
        """Yield a response in chunks, decompressed if it was compressed once; the raw chunks are added to `packed`."""
        inflate = zlib.decompressobj(31) if "gzip" in _content_coding(response) else None
        size = 0
        for chunk in response.iter_raw(_BLOCK):
            packed += chunk
            self._bounded(response, len(packed), self.limits.answer)
            self.progress(len(chunk), 0)
            if inflate is None:
                yield chunk
                continue
            while chunk and not inflate.eof:
                unpacked_chunk = inflate.decompress(chunk, _BLOCK)
                chunk = inflate.unconsumed_tail  # noqa: PLW2901  (the rest of the chunk)
                size += len(unpacked_chunk)
                if size > max(_SMALL, len(packed) * _UNPACKED):
                    raise SourceError(
                        f"{response.url}: unpacks to more than {_UNPACKED} times its size. Do not use it."
                    )
                yield unpacked_chunk
        if inflate is not None:
            if not inflate.eof:
                raise _AgainError("a packed answer was cut short")
            if inflate.unused_data:
                raise SourceError(f"{response.url}: goes on after its end. Look at the service's news.")

    def download(self, url: str, file: Path, check: Callable[[Path], object] = lambda _: None) -> Download:
        """Download a file as its publisher compressed it; resume an interrupted download.

        The received part is stored next to it as `NAME.part`. It is resumed only if the server confirms, by an ETag or
        a date, that the file is still the same. The file gets its name only when it is complete and `check` has
        accepted it.
        """
        part, mark = file.with_name(f"{file.name}.part"), file.with_name(f"{file.name}.part.json")
        file.parent.mkdir(parents=True, exist_ok=True)
        downloaded = self._retried(url, lambda: self._part(url, part, mark))
        mark.unlink(missing_ok=True)
        try:
            check(part)
        except SourceError:
            part.unlink()
            raise
        part.replace(file)
        return downloaded

    def size(self, url: str) -> int | None:
        """Return the size of a file without downloading it, or None if the server does not state it."""

        def ask_size() -> int | None:
            with self._open(url, {"Accept-Encoding": "identity", "Range": "bytes=0-0"}) as response:
                partial = response.status_code == httpx.codes.PARTIAL_CONTENT
                return (_content_range(response) or (0, 0, None))[2] if partial else _content_length(response)

        return self._retried(url, ask_size)

    def _part(self, url: str, part: Path, mark: Path) -> Download:
        begun = _begun_download(part, mark, url)
        headers = {"Accept-Encoding": "identity"}
        if begun:
            headers |= {"Range": f"bytes={begun[0]}-", "If-Range": begun[1]}
        try:
            return self._rest(url, headers, begun, part, mark)
        except _AnewError:
            part.unlink(missing_ok=True)
            mark.unlink(missing_ok=True)
            raise

    def _rest(
        self, url: str, headers: Mapping[str, str], begun: tuple[int, str] | None, part: Path, mark: Path
    ) -> Download:
        """Download the missing rest of a file, or all of it; if it cannot be resumed, the download restarts."""
        with self._open(url, headers, self.limits.download_seconds) as response:
            if "html" in response.headers.get("content-type", ""):
                raise SourceError(f"{url}: answers a web page instead of a file. Look at the service's news.")
            _content_coding(response)  # a compressed file may be declared as compressed, and stays so
            start, total = 0, _content_length(response)
            if response.status_code == httpx.codes.PARTIAL_CONTENT:
                start, _, total = _content_range(response) or (-1, -1, None)
                # A server may not support `If-Range`: a download is resumed only if the file is confirmed to be the
                # same.
                if begun is None or total is None or (start, _file_validator(response)) != begun:
                    raise _AnewError("another part came than was asked for")
            self._bounded(response, total, self.limits.download)
            if not start:
                mark.write_text(json.dumps({"url": url, "same": _file_validator(response)}), encoding="utf-8")
            size = start
            try:
                with part.open("ab" if start else "wb") as stream:
                    for chunk in response.iter_raw(_BLOCK):
                        size += len(chunk)
                        self._bounded(response, size, self.limits.download)
                        stream.write(chunk)
                        self.progress(len(chunk), 0)
                if total is not None and size != total:
                    raise (_AgainError if size < total else _AnewError)(f"{size} of {total} bytes came")
                _check_digest(response, [part])
            except SourceError:
                part.unlink()
                mark.unlink()
                raise
            return Download(size, _last_modified_day(response))

    def modified(self, url: str) -> str:
        """Return the date that a server gives for a file, or the empty text if it gives none."""

        def ask_modified() -> str:
            with self._open(url, {"Accept-Encoding": "identity", "Range": "bytes=0-0"}) as response:
                return _last_modified_day(response)

        return self._retried(url, ask_modified)

    def remote(self, url: str, at_once: int | None = None) -> "io.BufferedReader":
        """Open a file on a server to read parts of it, each of at most `at_once` bytes, without downloading it."""
        return io.BufferedReader(RemoteFile(self, url, at_once or self.limits.answer), _AHEAD)

    def part(self, url: str, first: int, last: int) -> tuple[bytes, int, str]:
        """Return the bytes of a file from `first` to `last`, with the size of the file and its validator."""

        def get_part() -> tuple[bytes, int, str]:
            headers = {"Accept-Encoding": "identity", "Range": f"bytes={first}-{last}"}
            with self._open(url, headers) as response:
                start, end, total = _content_range(response) or (-1, -1, None)
                if response.status_code != httpx.codes.PARTIAL_CONTENT or total is None or start != first:
                    raise SourceError(f"{url}: gives no parts of a file. Download it, and name it with --file.")
                body = bytearray()
                for chunk in response.iter_raw(_BLOCK):
                    body += chunk
                    self._bounded(response, len(body), last - first + 1)
                    self.progress(len(chunk), 0)
                if end != min(last, total - 1) or len(body) != end - first + 1:
                    raise _AgainError("a part was cut short")
                return bytes(body), total, _file_validator(response)

        return self._retried(url, get_part)

    def _retried(self, url: str, once: Callable[[], T]) -> T:
        why = ""
        for n in range(self.limits.tries):
            try:
                return once()
            except _AgainError as error:
                why, wait = str(error), error.wait
            except TooSlowError:
                why, wait = f"sends less than {self.limits.slowest:,.0f} bytes a second", None
            except TooLateError:
                raise SourceError(f"{url}: is not whole after all the time that is waited. Try again later.") from None
            except httpx.TransportError as error:
                why, wait = _transport_error_text(error), None
            except (httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
                raise SourceError(f"{url}: cannot be asked ({error}). Look at the service's news.") from None
            if wait is not None and wait > self.limits.longest_wait:
                raise SourceError(f"{url}: {why}, and asks to wait {wait:.0f} s. Try again then.")
            if n + 1 < self.limits.tries:
                self.sleep(self.limits.wait * 2**n if wait is None else wait)
        raise SourceError(f"{url}: {why}, {self.limits.tries} times. Try again later.")

    @contextmanager
    def _open(
        self, url: str, headers: Mapping[str, str] | None = None, seconds: float | None = None
    ) -> Iterator[httpx.Response]:
        """Open a response that is neither an error nor a redirect, and that must be complete within so many seconds."""
        next_address = url
        for _ in range(_HOPS):
            self._check_address(next_address, url)
            self._wait_for_turn()
            self._watch.begin(seconds or self.limits.answer_seconds)
            with self._http.stream("GET", next_address, headers=headers) as response:
                if response.status_code in _MOVED:
                    next_address = _redirect_address(response, url)
                    continue
                _check_status(response)
                yield response
                return
        raise SourceError(f"{url}: leads from one address to the next, {_HOPS} times. Look at the service's news.")

    def _wait_for_turn(self) -> None:
        pause = self._last + 1 / self.limits.per_second - self.clock()
        if pause > 0:
            self.sleep(pause)
        self._last = self.clock()

    def _check_address(self, url: str, asked: str) -> None:
        """Refuse an address that is not public, unless it is a configured one."""
        origin = _checked_origin(url)
        configured = origin in self._origins
        scheme, host, _ = origin
        if not configured and scheme == "http" and _checked_origin(asked)[0] == "https":
            raise SourceError(f"{asked}: leads to {url}, which is no secure address. It is not followed.")
        try:
            is_allowed = self._way.check(url, may_be_private=configured)
        except OSError:
            raise _AgainError(f"{host} has no address here") from None
        if not is_allowed:
            raise SourceError(f"{asked}: leads to {url}, which is in a private network. It is not followed.")

    def _bounded(self, response: httpx.Response, size: int | None, most: int) -> None:
        if size is not None and size > most:
            raise SourceError(
                f"{response.url}: {size:,} bytes or more, over the {most:,} that are taken. Narrow what is asked for."
            )


class RemoteFile(io.RawIOBase):
    """A file on a server, read by ranges; it must not change while it is read."""

    def __init__(self, client: Client, url: str, at_once: int) -> None:
        super().__init__()
        self._client, self._url, self._at, self._at_once, self._read = client, url, 0, at_once, 0
        _, self.size, self._same = client.part(url, 0, 0)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read as many bytes as fit into the buffer."""
        count = min(len(buffer), self.size - self._at)
        if count <= 0:
            return 0
        self._read += count
        if count > self._at_once or self._read > self._client.limits.download:
            raise SourceError(f"{self._url}: asks to be read for {count:,} bytes more than are taken. Do not use it.")
        body, size, validator = self._client.part(self._url, self._at, self._at + count - 1)
        if (size, validator) != (self.size, self._same):
            raise SourceError(f"{self._url}: changed while it was read. Try again.")
        buffer[:count] = body
        self._at += count
        return count


def _address_with_parameters(url: str, parameters: Mapping[str, str] | None) -> str:
    return f"{url}?{urllib.parse.urlencode(parameters)}" if parameters else url


def _json_of_answer(answer: HttpAnswer, empty: Any) -> Any:
    if empty is not None and not answer.body.strip():
        return empty
    if answer.body[:512].lstrip().startswith(b"<"):
        raise SourceError(
            f"{answer.url}: answers {_quoted_answer(answer.body)} instead of JSON. Look at the service's news."
        )
    try:
        return parse_json(answer.body)
    except ValueError as error:
        raise _AgainError(f"no sound JSON, as if cut short ({error})") from None


def _checked_origin(url: str) -> tuple[str, str, int]:
    try:
        return origin_of_url(url)
    except ValueError as error:
        raise SourceError(f"{url}: is no web address ({error}). Correct it.") from None


def _redirect_address(response: httpx.Response, asked: str) -> str:
    """Return the URL to which a response redirects."""
    location = response.headers.get("location", "")
    try:
        next_address = str(response.url.join(location))
        origin_of_url(next_address)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise SourceError(f"{asked}: leads to {location[:200]}, which is no secure address ({error}).") from None
    return next_address


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in _LATER:
        raise _AgainError(f"answers {status} {response.reason_phrase}".rstrip(), _retry_after_seconds(response))
    if status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise _AnewError("the file is shorter than it was")
    if status == httpx.codes.NOT_FOUND:
        raise SourceMissingError(f"{response.url}: nothing is there (404). Check the code, or the address in use.")
    if not response.is_success:
        body = next(response.iter_raw(4096), b"")
        raise SourceError(f"{response.url}: answers {status}: {_quoted_answer(body)}. Look at the service's news.")


def _quoted_answer(body: bytes) -> str:
    """Quote the readable part of a response: the text of an exception, the title of a page, or the start of a text."""
    text = body[:4096].decode("utf-8", "replace")
    for pattern in (r"<(?:\w+:)?ExceptionText>(.*?)<", r"<title>(.*?)<"):
        if text_match := re.search(pattern, text, re.IGNORECASE | re.DOTALL):
            return f"“{' '.join(text_match[1].split())[:200]}”"
    return f"“{' '.join(re.sub(r'<[^>]*>', ' ', text).split())[:120]}”"


def _retry_after_seconds(response: httpx.Response) -> float | None:
    """Parse `Retry-After`: seconds, or a date and time."""
    text = response.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    retry_at = _parse_http_date(text)
    return None if retry_at is None else max(0.0, (retry_at - dt.datetime.now(dt.UTC)).total_seconds())


def _parse_http_date(text: str) -> dt.datetime | None:
    """Parse a date and time of HTTP, or return None if it is invalid."""
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


#: Numbers in headers, of at most plausible length.
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_SIZE: Final = re.compile(r"[0-9]{1,15}")
_PART: Final = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15}|\*)")


def _content_coding(response: httpx.Response) -> str:
    """Return the compression of a response: gzip once, or none."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip"}:
        raise SourceError(f"{response.url}: is packed as {coding[:40]}, which was not asked for. Try again later.")
    return str(coding)


def _content_length(response: httpx.Response) -> int | None:
    text = response.headers.get("content-length", "")
    return int(text) if _SIZE.fullmatch(text) else None


def _content_range(response: httpx.Response) -> tuple[int, int, int | None] | None:
    """Parse `Content-Range`: the first and last byte and the total size, or None if it is invalid."""
    matched = _PART.fullmatch(response.headers.get("content-range", "").strip())
    if not matched:
        return None
    first_byte, last_byte, total = int(matched[1]), int(matched[2]), None if matched[3] == "*" else int(matched[3])
    return (
        None if last_byte < first_byte or (total is not None and last_byte >= total) else (first_byte, last_byte, total)
    )


def _file_validator(response: httpx.Response) -> str:
    """Return the validator that distinguishes a file from a later version: a strong ETag, a date, or nothing."""
    tag = str(response.headers.get("etag", ""))
    return tag if tag.startswith('"') else str(response.headers.get("last-modified", ""))


def _begun_download(part: Path, mark: Path, url: str) -> tuple[int, str] | None:
    """Return the size of a partial download and the validator of its file; None if it cannot be resumed."""
    try:
        mark_values = parse_json(mark.read_bytes())
        size = part.stat().st_size
    except (OSError, ValueError):
        return None
    if not isinstance(mark_values, dict) or mark_values.get("url") != url or not size:
        return None
    validator = mark_values.get("same")
    return (
        (size, validator)
        if isinstance(validator, str) and validator.isascii() and validator.isprintable() and validator
        else None
    )


def _last_modified_day(response: httpx.Response) -> str:
    """Return the date that a server gives for a response, as 2026-07-01, or the empty text if it gives none."""
    moment = _parse_http_date(response.headers.get("last-modified", ""))
    return moment.date().isoformat() if moment else ""


def _check_digest(response: httpx.Response, bodies: Collection[bytes | Path]) -> None:
    """Compare the response, as received or decompressed, with the hash that the server announced, if any."""
    announced_hash = response.headers.get("repr-digest", "") or response.headers.get("digest", "")
    if not (matched := re.search(r"sha-256=:?([A-Za-z0-9+/=]+):?", announced_hash, re.IGNORECASE)):
        return
    digests = set()
    for body in bodies:
        with body.open("rb") if isinstance(body, Path) else io.BytesIO(body) as stream:
            digests.add(hashlib.file_digest(stream, "sha256").digest())
    if _digest_bytes(matched[1]) not in digests:
        raise SourceError(f"{response.url}: the bytes are not those announced (sha256). Try again later.")


def _digest_bytes(text: str) -> bytes:
    """Decode a hash, written in base64 or, by some servers, in hexadecimal; return nothing if it is invalid."""
    try:
        return bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)  # noqa: PLR2004
    except (binascii.Error, ValueError):
        return b""


def _transport_error_text(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return f"the connection failed ({error})" if str(error) else "the connection failed"
