"""A worker process of the local runner: Beam's own, but quiet.

Beam warns at import of Google clients that nobody asked for, and that first message switches on logging of every
worker's heartbeat to standard error. :func:`quieten` does the same service to the driver.
"""

from __future__ import annotations

import logging
import signal
import sys

import gristmill_installation


def quieten() -> None:
    """Sets up logging of this process before Beam is imported: warnings and errors, on standard error."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.addFilter(lambda record: "apitools not found" not in record.getMessage())
    logging.getLogger().addHandler(handler)


def prepare() -> None:
    """Makes this process a worker's: it leaves Ctrl-C to the driver and its messages to Beam. Imports Beam's worker."""
    # Ctrl-C goes to all processes of a terminal; the driver ends its workers, and says so in one sentence.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What workers log goes to the driver, which prints it. No handler at all would make logging set one up.
    logging.getLogger().addHandler(logging.NullHandler())
    # Not before: importing Beam logs.
    from apache_beam.runners.worker import sdk_worker_main

    # It warns that there is no folder with a pickled session: there is none on purpose.
    logging.getLogger(sdk_worker_main.__name__).setLevel(logging.ERROR)


if __name__ == "__main__":
    try:
        gristmill_installation.check()
    except gristmill_installation.ForeignPackageError as error:
        sys.exit(f"gristmill's worker: {error}")
    prepare()
    # Not before logging is set up.
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(sys.argv)
