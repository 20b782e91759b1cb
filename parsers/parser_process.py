"""The program of a parser's process (:mod:`parsers.sandbox`): ``python -m parsers.parser_process NAME ALT_TEXT [FD]``.

It parses batches from its standard input until that ends. With ``FD``, a socket that listens, it loads the parser and what
is compiled, and forks a process that does so for everybody who asks there (:mod:`parsers.fork_server`).
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from parsers import Parser, load
from parsers.extracted import Extracted
from parsers.fork_server import ForkServer
from parsers.limits import PageLimits, PageTooCostly, check
from parsers.messages import receive, send
from parsers.sandbox import Failure, Page
from text.importing import hidden, uncollected

_LOOKED_SECONDS = 1.0  # for its parent


def main() -> None:
    """Works until it is not needed any more."""
    name, alt_text, *listening = sys.argv[1:]
    forking = threading.Event()
    watching = _watch(forking)
    if listening:
        # Ctrl-C is the driver's, which ends all.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.dup2(2, 1)
        parse = _loaded(name, alt_text)
        # Forking is done without threads; the end of the standard input says the same from here on.
        forking.set()
        watching.join()
        ForkServer(socket.socket(fileno=int(listening[0])), lambda asked, pipes: _serve_at(parse, *pipes)).serve()
        return
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write into the replies
    _serve(_loaded(name, alt_text), requests, replies)


def serve(name: str, alt_text: str, requests: BinaryIO, replies: BinaryIO) -> None:
    """What this program does, in a process that was forked for it."""
    _watch(threading.Event())
    _serve(_loaded(name, alt_text), requests, replies)


def _loaded(name: str, alt_text: str) -> Parser:
    """The parser, with its compiled code: loaded before memory is limited, and not in the parent."""
    with uncollected():
        from parsers.page_cost import cost  # compiled code, which the other imports of this module are without

        parse = load(name, alt_text, None)
    gc.freeze()
    with hidden("scipy"):  # which numba looks for with the first kernel
        parse(b"<html><body><p>warm-up</p></body></html>", "", "")
        cost(b"<p>warm-up</p>")
    return parse


def _serve_at(parse: Parser, requests: int, replies: int) -> None:
    _serve(parse, os.fdopen(requests, "rb"), os.fdopen(replies, "wb"))


def _serve(parse: Parser, requests: BinaryIO, replies: BinaryIO) -> None:
    limits = receive(requests)
    pages = Path("/proc/self/statm").read_text().split()[0] if os.path.exists("/proc") else 0
    used = int(pages) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (limits.memory_mb << 20),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    send(replies, "ready")
    with contextlib.suppress(EOFError):
        while True:
            for page in receive(requests):
                send(replies, _parse(parse, limits, page))


def _watch(forking: threading.Event) -> threading.Thread:
    """Begins to look for this process's parent, until ``forking`` is set."""
    watching = threading.Thread(target=_end_with, args=(os.getppid(), forking), daemon=True)
    watching.start()
    return watching


def _end_with(parent: int, forking: threading.Event) -> None:
    """Ends this process when its parent is gone, which would otherwise be noticed after the page in hand, or after minutes
    in which kernels are compiled."""
    while not forking.wait(_LOOKED_SECONDS):
        if os.getppid() != parent:
            os._exit(1)


def _parse(parse, limits: PageLimits, page: Page) -> Extracted | Failure:
    try:
        check(page.html, limits)
        return parse(page.html, page.url, page.content_type)
    except PageTooCostly as refused:
        return Failure(refused.kind, str(refused), refused.score)
    except MemoryError:
        return Failure("memory", "the parser needed more memory than the limit")
    except RecursionError:
        return Failure("error", "RecursionError: the page is nested too deeply for the parser")
    except Exception as error:  # noqa: BLE001 (whatever a library raises costs this page alone)
        return Failure("error", f"{type(error).__name__}: {error}"[:500])


if __name__ == "__main__":
    main()
