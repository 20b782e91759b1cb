"""A parser that does what the page's first word tells it to: what real C libraries do to a process now and then."""

from __future__ import annotations

import os
import signal
import time

from parsers.extracted import Extracted


def extract(html: bytes, url: str = "", content_type: str = "") -> Extracted:
    command = html.split(b" ")[0]
    if command == b"hang":
        time.sleep(3600)
    elif command == b"exit":
        os._exit(3)
    elif command == b"crash":
        os.kill(os.getpid(), signal.SIGKILL)
    elif command == b"raise":
        raise KeyError("a tag nobody expected")
    elif command == b"recurse":
        return extract(html)
    elif command == b"eat":
        return Extracted(str(len(bytearray(1 << 32))))
    elif command == b"print":
        print("a library that chats on standard output", flush=True)
        os.write(1, b"and one that does so from C")
    elif command == b"pid":
        return Extracted(str(os.getpid()))
    return Extracted(html.decode(), title=url)
