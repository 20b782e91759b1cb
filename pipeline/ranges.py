"""Files on web servers, read in ranges (RFC 9110, 14), with patience: what is busy or breaks off is asked for again."""

from __future__ import annotations

import http.client
import io
import random
import time
import urllib.error
import urllib.request
from functools import lru_cache
from urllib.parse import urldefrag

BLOCK_BYTES = 8 << 20
# Common Crawl answers 503 where one asks too fast, and means minutes.
ATTEMPTS = 9
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
_TIMEOUT = 60.0
_TRY_AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))


def request(url: str, first: int | None = None, last: int | None = None, method: str = "GET") -> tuple[bytes, dict]:
    """The bytes ``first`` to ``last`` (both included) of ``url``, or all of it, and the response's headers, in lower case.

    Raises ``FileNotFoundError`` where there is nothing, ``OSError`` where the server refuses, or is still busy after
    :data:`ATTEMPTS`. A server that knows no ranges is taken at its whole word, and cut here.
    """
    headers = {"User-Agent": "gristmill", "Accept-Encoding": "identity"}
    if first is not None:
        headers["Range"] = f"bytes={first}-{'' if last is None else last}"
    for attempt in range(ATTEMPTS):
        try:
            asked = urllib.request.Request(urldefrag(url)[0], headers=headers, method=method)
            with urllib.request.urlopen(asked, timeout=_TIMEOUT) as response:
                data = response.read()
                if first is not None and response.status == 200:
                    data = data[first : None if last is None else last + 1]
                return data, {name.lower(): value for name, value in response.headers.items()}
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                raise FileNotFoundError(f"{url}: the server has nothing there ({error.code})") from None
            if error.code == 416:  # a range behind the end
                return b"", {}
            if error.code not in _TRY_AGAIN or attempt + 1 == ATTEMPTS:
                raise OSError(f"{url}: the server refuses ({error.code} {error.reason})") from error
            wait = error.headers.get("Retry-After") or ""
            _pause(attempt, float(wait) if wait.isdigit() else 0.0)
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
            if attempt + 1 == ATTEMPTS:
                raise OSError(f"{url}: the server can't be reached: {error}") from error
            _pause(attempt, 0.0)
    raise AssertionError("the last attempt returns or raises")


def _pause(attempt: int, asked_for: float) -> None:
    # Twice as long each time, and not all workers at once; no result depends on it.
    time.sleep(min(LONGEST_PAUSE, max(asked_for, FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.0))))


class HttpFile(io.RawIOBase):
    """A file on a web server: seekable, read in blocks of :data:`BLOCK_BYTES` or, where more is asked for, at once."""

    def __init__(self, url: str, block_bytes: int = BLOCK_BYTES):
        self._url = url
        self._block_bytes = block_bytes
        self._position = 0
        self._start, self._block = 0, b""
        size = head(url).get("content-length")
        # Some servers don't say before they are asked for the file itself.
        self._size = int(size) if size else len(request(url)[0])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer) -> int:
        count = min(len(buffer), self._size - self._position)
        if count <= 0:
            return 0
        at = self._position - self._start
        if not 0 <= at < len(self._block):
            last = min(self._size, self._position + max(count, self._block_bytes)) - 1
            self._start, at = self._position, 0
            self._block = request(self._url, self._position, last)[0]
            if not self._block:
                raise OSError(f"{self._url}: the file has become shorter while it was read")
        data = self._block[at : at + count]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


@lru_cache(maxsize=1 << 17)
def head(url: str) -> dict:
    """The headers of ``url``, names in lower case; none where the server answers no such question."""
    try:
        return request(url, method="HEAD")[1]
    except FileNotFoundError:
        raise
    except OSError:
        return {}
