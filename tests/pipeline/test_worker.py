"""Processes of the local runner are quiet: what they say is for the driver, and Ctrl-C is the driver's."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import worker


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger without handlers, as a new process has it."""
    logger = logging.getLogger()
    before = logger.handlers[:]
    logger.handlers.clear()
    yield logger
    logger.handlers[:] = before


def test_a_driver_shows_warnings_and_errors_but_none_about_clients_that_nobody_asked_for(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    worker.quieten()
    other = logging.getLogger("apache_beam.somewhere")
    for level in (logging.INFO, logging.WARNING, logging.ERROR):
        other.log(level, "the heartbeat of %s", level)
    other.warning("apitools not found: no storage of Google's")
    try:
        raise OSError(28, "No space left on device")
    except OSError as error:  # it is raised to the driver, too
        logging.getLogger("apache_beam.runners.common").exception(error)
    assert capsys.readouterr().err == "WARNING the heartbeat of 30\nERROR the heartbeat of 40\n"


def test_set_up_again_each_message_is_said_once(
    root: logging.Logger, hook: None, capsys: pytest.CaptureFixture[str]
) -> None:
    worker.quieten()
    worker.quieten()
    logging.getLogger("pipeline").warning("once")
    assert capsys.readouterr().err == "WARNING once\n"


@pytest.fixture
def hook() -> Iterator[None]:
    before = threading.excepthook
    yield
    threading.excepthook = before


def test_threads_that_lost_their_worker_are_silent_and_others_are_not(
    root: logging.Logger, hook: None, capsys: pytest.CaptureFixture[str]
) -> None:
    worker.quieten()

    def fail() -> None:
        raise RuntimeError("worker subprocess exited with 247")

    for name in ("beam_control_read", "run_worker", "read_grpc_client_inputs_1"):
        thread = threading.Thread(target=fail, name=name)
        thread.start()
        thread.join()
    logging.getLogger("apache_beam.x").error("Failed to read inputs in the data plane.")
    assert capsys.readouterr().err == ""
    thread = threading.Thread(target=fail, name="progress")
    thread.start()
    thread.join()
    assert "RuntimeError: worker subprocess exited" in capsys.readouterr().err


def test_a_process_that_the_driver_has_forked_logs_as_if_nobody_had_set_anything_up(
    root: logging.Logger, hook: None
) -> None:
    worker.quieten()
    loggers = {name: logging.getLogger(name) for name in ("pipeline", "gristmill", "review")}
    before = {name: logger.level for name, logger in loggers.items()}, root.level
    for logger in (root, *loggers.values()):
        logger.setLevel(logging.DEBUG)
    try:
        worker.forget_the_driver()
        assert root.handlers == [] and root.level == logging.WARNING
        assert {logger.level for logger in loggers.values()} == {logging.NOTSET}
        assert threading.excepthook is threading.__excepthook__
    finally:
        root.setLevel(before[1])
        for name, logger in loggers.items():
            logger.setLevel(before[0][name])


@pytest.mark.parametrize("flags", [[], ["--endpoint=x"]])
def test_beam_is_imported_whole_where_flags_may_need_it_and_garbage_is_looked_for_seldom(
    flags: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    absent: list[tuple[str, ...]] = []

    @contextlib.contextmanager
    def noted(*names: str) -> Iterator[None]:
        absent.append(names)
        yield

    monkeypatch.setattr("text.importing.hidden", noted)
    monkeypatch.setattr("text.importing.stood_in_for", noted)
    frozen: list[bool] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    before = gc.get_threshold()
    try:
        worker.import_with_beam(flags=flags)
        assert gc.get_threshold()[0] == 50_000 and frozen == [True]
    finally:
        gc.set_threshold(*before)
    left_out = [(), ()] if flags else [("boto3", "pymongo", "bson", "pandas"), ("httplib2",)]
    assert absent == [*left_out, ("scipy",)]


# A worker that shows how it was set up in place of beginning its work.
PROGRAM = """
import logging, runpy, signal, sys
logging.getLogger().addHandler(logging.NullHandler())  # importing Beam logs
import apache_beam.runners.worker.sdk_worker_main as beam
def main(arguments):
    handlers = [type(handler).__name__ for handler in logging.getLogger().handlers]
    told = logging.getLogger(beam.__name__).isEnabledFor(logging.WARNING)
    print(arguments, signal.getsignal(signal.SIGINT) is signal.SIG_IGN, handlers, told, flush=True)
    sys.stdin.read()
beam.main = main
sys.argv = ["worker", "--of", "beam"]
runpy.run_module("pipeline.worker", run_name="__main__")
"""


def test_a_worker_runs_beam_s_own_quietly_and_outlives_ctrl_c() -> None:
    pipe = subprocess.PIPE
    running = subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "['worker', '--of', 'beam'] True ['NullHandler', 'NullHandler'] False\n"
    os.kill(running.pid, signal.SIGINT)
    said, complained = running.communicate("", timeout=60)
    assert (running.returncode, said, complained) == (0, "", "")


def test_beam_comes_without_clients_that_a_local_run_never_asks_for() -> None:
    code = (
        "import sys; from pipeline import worker; worker.quieten(); worker.import_with_beam('pipeline.run_state');"
        "assert {'apache_beam', 'pipeline.run_state'} <= sys.modules.keys();"
        "assert not {'pandas', 'boto3', 'pymongo'} & sys.modules.keys();"
        "import pyarrow; assert len(pyarrow.table({'n': [1]}).to_pandas()) == 1"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    assert done.stderr == ""


# Another distribution has taken the place of one of our packages.
FOREIGN = """
import gristmill_installation, runpy
def check():
    raise gristmill_installation.ForeignPackageError("the package trainer is not gristmill's")
gristmill_installation.check = check
runpy.run_module("pipeline.worker", run_name="__main__")
"""


def test_a_worker_beside_foreign_packages_ends_with_a_sentence_of_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", FOREIGN], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "gristmill's worker: the package trainer is not gristmill's\n"
