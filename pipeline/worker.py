"""A worker process of the local runner where none can be forked: Beam's own, but quiet. And what all workers are, before Beam.

Beam warns at import of Google clients that nobody asked for, and that first message switches on logging of every
worker's heartbeat to standard error. :func:`quieten` does the same service to the driver.
"""

from __future__ import annotations

import gc
import importlib
import logging
import signal
import sys
import threading
from collections.abc import Sequence

import gristmill_installation

# What Beam's own threads are called that raise when a worker's process is gone. The driver's thread hears of it too, and
# says so in one sentence.
_THREADS = ("beam_control_read", "read_grpc_client_inputs", "run_worker")
_STEPS = "apache_beam.runners.common"
_NO_NEWS = (
    "apitools not found",
    "Could not find a compatible bson package",
    "Failed to read inputs in the data plane",
    "Failed to forward outputs in the data plane",
)

# Beam imports these where they are installed: its own clients of S3 and MongoDB, and types for pandas. Files move through
# pipeline.storage.
_NOT_NEEDED = ("boto3", "pymongo", "bson", "pandas")
# And this always, for files of other languages' steps and for Google's stores.
_NOT_USED = ("httplib2",)

# Objects more than there were at which garbage is looked for (Python: 700). Rows of tables are made by the ten thousand
# and are no garbage in circles: looking through them took a second and a half of a crawl of 3,456 pages.
_NEW_OBJECTS = 50_000

# Packages of ours whose messages a log file may have asked for.
LOGGING = ("gristmill", "pipeline", "review")

GONE = "a worker has ended in the middle of its work (killed, or out of memory?); the same command continues"
"""What a run that has lost a worker ends with."""


class _StandardError(logging.StreamHandler):
    """What :func:`quieten` sets up."""


def quieten() -> None:
    """Sets up logging of this process before Beam is imported: warnings and errors, on standard error. A worker that is
    gone is no news here: each of Beam's threads would print its own traceback. Called again, it begins anew."""
    handler = _StandardError()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.addFilter(is_news)
    root = logging.getLogger()
    for former in [each for each in root.handlers if isinstance(each, _StandardError)]:
        root.removeHandler(former)
    root.addHandler(handler)
    threading.excepthook = _show_unless_of_a_worker_that_is_gone


def import_with_beam(*modules: str, flags: Sequence[str] = ()) -> None:
    """Imports Beam, and modules that need it, in half the time: for programs, once logging is set up. ``flags``: those that
    Beam is given; with any, it is imported whole, since they may name a place that its own clients have to reach."""
    # Behind the check that our packages are our own, which follows the import of this module.
    from text.importing import hidden, stood_in_for, uncollected

    with uncollected():
        with hidden(*(() if flags else _NOT_NEEDED)), stood_in_for(*(() if flags else _NOT_USED)):
            # For this alone: the command line imports this module, too.
            import apache_beam  # noqa: F401
            import pyarrow as pa

            pa.array([None])  # with its first array it looks for pandas
        with hidden("scipy"):  # which numba looks for, and once more with the first kernel, for products of matrices
            for module in modules:
                importlib.import_module(module)
            if "numba" in sys.modules:
                importlib.import_module("numba.np.arraymath")
        gc.freeze()  # no collection looks at modules again, and forked workers go on sharing them
        gc.set_threshold(_NEW_OBJECTS)


def is_news(record: logging.LogRecord) -> bool:
    """Whether what is logged isn't told otherwise, and is worth telling."""
    # What a step raises Beam logs with its traceback, and then raises.
    raised = record.name == _STEPS and record.exc_info is not None
    return not raised and not record.getMessage().startswith(_NO_NEWS)


def _show_unless_of_a_worker_that_is_gone(arguments: threading.ExceptHookArgs) -> None:
    if arguments.thread is None or not arguments.thread.name.startswith(_THREADS):
        threading.__excepthook__(arguments)


def forget_the_driver() -> None:
    """Takes back, in a process that the driver has forked, what the driver has set up for itself: what is logged goes to it."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    for name in ("", *LOGGING):
        logging.getLogger(name).setLevel(logging.WARNING if not name else logging.NOTSET)
    threading.excepthook = threading.__excepthook__


def prepare() -> None:
    """Makes this process a worker's, or that of one which forks workers: it leaves Ctrl-C to the driver, and prints nothing.
    Imports Beam."""
    # Ctrl-C goes to all processes of a terminal; the driver ends its workers, and says so in one sentence.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What workers log goes to the driver, which prints it. No handler at all would make logging set one up.
    logging.getLogger().addHandler(logging.NullHandler())
    import_with_beam()


if __name__ == "__main__":
    try:
        gristmill_installation.check()
    except gristmill_installation.ForeignPackageError as error:
        sys.exit(f"gristmill's worker: {error}")
    prepare()
    # Not before logging is set up: importing Beam logs.
    from apache_beam.runners.worker import sdk_worker_main

    # It warns that there is no folder with a pickled session: there is none on purpose.
    logging.getLogger(sdk_worker_main.__name__).setLevel(logging.ERROR)
    sdk_worker_main.main(sys.argv)
