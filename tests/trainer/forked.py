"""``python forked.py RANKS SCRIPT ARGUMENT``: the ranks of ``torchrun --standalone``, forked from one process.

Of a test's few seconds each rank that torchrun starts spends four on importing torch and us. Here that is done once.
"""

from __future__ import annotations

import os
import runpy
import signal
import socket
import sys

# Imported for those who are forked; none of it may have run, or started a thread, before.
import trainer.training.pretraining  # noqa: F401


def _rank(number: int, ranks: int, port: int) -> None:
    """Runs the script as rank ``number``. Doesn't return."""
    code = 1
    try:
        os.environ |= {
            "RANK": str(number), "LOCAL_RANK": str(number), "WORLD_SIZE": str(ranks), "LOCAL_WORLD_SIZE": str(ranks),
            "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
        }  # fmt: skip
        sys.argv = sys.argv[2:]
        runpy.run_path(sys.argv[0], run_name="__main__")
        code = 0
    finally:
        if code:
            sys.excepthook(*sys.exc_info())  # torch's names the rank
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> int:
    """Whether any rank failed; the others are ended then."""
    ranks = int(sys.argv[1])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = set()
    for number in range(ranks):
        process = os.fork()
        if not process:
            _rank(number, ranks, port)
        running.add(process)
    failed = False
    while running:
        process, status = os.wait()
        running.discard(process)
        if status and not failed:
            failed = True
            for other in running:
                os.kill(other, signal.SIGTERM)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
