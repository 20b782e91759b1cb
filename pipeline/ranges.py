"""Files elsewhere, read in ranges; those on web servers by HTTP's own (RFC 9110, 14)."""

from __future__ import annotations

import http.client
import io
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urldefrag, urlsplit

from pipeline.retries import BROKEN_OFF, BUSY, TRY_AGAIN, UNREACHABLE, BrokenOff, Trouble, patiently, seconds_of

BLOCK_BYTES = 8 << 20
_TIMEOUT = 60.0


def request(url: str, first: int | None = None, last: int | None = None, method: str = "GET") -> tuple[bytes, dict]:
    """The bytes ``first`` to ``last`` (both included) of ``url``, or all of it, and the response's headers, in lower case.

    Raises ``FileNotFoundError`` where there is nothing, ``OSError`` where the server refuses, or is still busy after
    several attempts (:mod:`pipeline.retries`). A server that knows no ranges is taken at its whole word, and cut here.
    """
    headers = {"User-Agent": "gristmill", "Accept-Encoding": "identity"}
    if first is not None:
        headers["Range"] = f"bytes={first}-{'' if last is None else last}"

    def ask() -> tuple[bytes, dict]:
        asked = urllib.request.Request(urldefrag(url)[0], headers=headers, method=method)
        with urllib.request.urlopen(asked, timeout=_TIMEOUT) as response:
            data = response.read()
            if first is not None and response.status == 200:
                data = data[first : None if last is None else last + 1]
            return data, {name.lower(): value for name, value in response.headers.items()}

    try:
        return patiently(urlsplit(url).netloc, url, ask, _trouble)
    except urllib.error.HTTPError as error:
        if error.code in (404, 410):
            raise FileNotFoundError(f"{url}: the server has nothing there ({error.code})") from None
        if error.code == 416:  # a range behind the end
            return b"", {}
        raise OSError(f"{url}: the server refuses ({error.code} {error.reason})") from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise OSError(f"{url}: the server can't be reached: {error}") from error


def _trouble(error: Exception) -> Trouble | None:
    if isinstance(error, urllib.error.HTTPError):
        return Trouble(BUSY, seconds_of(error.headers.get("Retry-After"))) if error.code in TRY_AGAIN else None
    if isinstance(error, urllib.error.URLError):
        return Trouble(UNREACHABLE)
    return (
        Trouble(BROKEN_OFF) if isinstance(error, http.client.HTTPException | TimeoutError | ConnectionError) else None
    )


class RangedFile(io.RawIOBase):
    """A file of ``size`` bytes of which ``fetch(start, end)`` gives some: seekable, read in blocks of ``block_bytes`` or,
    where more is asked for, at once. A block of 0 bytes fetches what is asked for and no more."""

    def __init__(self, name: str, size: int, fetch: Callable[[int, int], bytes], block_bytes: int = BLOCK_BYTES):
        self.name = name
        self.size = size
        self._fetch = fetch
        self._block_bytes = block_bytes
        self._position = 0
        self._start, self._block = 0, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readall(self) -> bytes:
        """All that is left, at once: Python's own asks for eight kilobytes at a time, each a request."""
        return self.read(max(0, self.size - self._position)) or b""

    def readinto(self, buffer) -> int:
        count = max(0, min(len(buffer), self.size - self._position))
        done = 0
        while done < count:
            at = self._position - self._start
            if not 0 <= at < len(self._block):
                end = min(self.size, self._position + max(count - done, self._block_bytes))
                self._start, at = self._position, 0
                self._block = self._fetch(self._position, end)
                if len(self._block) < end - self._position:
                    raise BrokenOff(f"{self.name}: the file has become shorter while it was read")
            data = self._block[at : at + count - done]
            buffer[done : done + len(data)] = data
            self._position += len(data)
            done += len(data)
        return count


def http_file(url: str, block_bytes: int = BLOCK_BYTES) -> RangedFile:
    """A file on a web server."""
    size = head(url).get("content-length")
    # Some servers don't say before they are asked for the file itself.
    return RangedFile(
        url,
        int(size) if size else len(request(url)[0]),
        lambda start, end: request(url, start, end - 1)[0],
        block_bytes,
    )


@lru_cache(maxsize=1 << 17)
def head(url: str) -> dict:
    """The headers of ``url``, names in lower case; none where the server answers no such question."""
    try:
        return request(url, method="HEAD")[1]
    except FileNotFoundError:
        raise
    except OSError:
        return {}
