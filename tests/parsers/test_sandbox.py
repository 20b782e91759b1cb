"""Whatever a page does to the parser's process, it costs that page alone."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from parsers import load, sandbox
from parsers.extracted import Extracted
from parsers.fork_server import AVAILABLE
from parsers.forked_child import ForkedChild
from parsers.page_cost import depth
from parsers.parser_process import serve
from parsers.sandbox import Failure, IsolatedParser, Limits, Page

LIMITS = Limits(max_bytes=1000, max_tags=20, max_depth=10, memory_mb=256, seconds=60)
MISBEHAVING = "tests.parsers.misbehaving"


@pytest.fixture
def parser() -> Iterator[IsolatedParser]:
    isolated = IsolatedParser(MISBEHAVING, LIMITS)
    yield isolated
    isolated.close()


def pages(*htmls: bytes) -> list[Page]:
    return [Page(html, f"https://mill.example/{number}", "text/html") for number, html in enumerate(htmls)]


def texts(results: list[Extracted | Failure]) -> list[str]:
    """What came of each page: its text, or the kind of its failure in brackets."""
    return [f"<{result.kind}>" if isinstance(result, Failure) else result.text for result in results]


def test_results_come_in_the_order_of_the_pages_with_their_urls(parser: IsolatedParser) -> None:
    results = list(parser.extract_all(pages(*(b"page %d" % number for number in range(50)))))
    assert [result.text for result in results] == [f"page {number}" for number in range(50)]
    assert [result.title for result in results] == [f"https://mill.example/{number}" for number in range(50)]


def test_no_pages_give_no_results_and_start_no_process(parser: IsolatedParser) -> None:
    assert list(parser.extract_all([])) == []


def test_one_process_serves_many_batches(parser: IsolatedParser) -> None:
    first = list(parser.extract_all(pages(b"pid")))
    assert list(parser.extract_all(pages(b"pid"))) == first
    assert int(first[0].text) != os.getpid()


def test_too_many_bytes_and_too_many_tags_are_failures_that_say_how_many(parser: IsolatedParser) -> None:
    results = list(parser.extract_all(pages(b"a", b"b" * 1001, b"c" * 1000, b"<" * 21, b"<" * 20)))
    assert texts(results) == ["a", "<too_many_bytes>", "c" * 1000, "<too_many_tags>", "<" * 20]
    assert (results[1].score, results[3].score) == (1001, 21)
    assert "1001 bytes" in results[1].message and "1000" in results[1].message
    assert "21 tags" in results[3].message and "20" in results[3].message


def test_depth_counts_what_is_open_at_once(parser: IsolatedParser) -> None:
    assert depth(b"<html><body><div><p>one<br><img><p>two<b>x</b></div><div></div></body></html>") == 2
    assert depth(b"</div>" * 9 + b"<DIV CLASS=x><ul>") <= 2
    deep = Limits(max_bytes=10_000, max_tags=1000, max_depth=10, memory_mb=256, seconds=60)
    with contextlib.closing(IsolatedParser(MISBEHAVING, deep)) as strict:
        results = list(strict.extract_all(pages(b"<div>" * 11, b"<div></div>" * 11)))
    assert (results[0].kind, results[0].score) == ("too_deep", 11)
    assert texts(results)[1] == "<div></div>" * 11


@pytest.mark.parametrize(
    ("command", "kind", "said"),
    [
        (b"exit", "died", "exit status 3"),
        (b"crash", "died", "exit status -9"),
        (b"raise", "error", "KeyError: 'a tag nobody expected'"),
        (b"recurse", "error", "nested too deeply"),
        (b"eat", "memory", "more memory than the limit"),
    ],
)
def test_a_bad_page_costs_only_itself(parser: IsolatedParser, command: bytes, kind: str, said: str) -> None:
    results = list(parser.extract_all(pages(b"before", command, b"after", b"last")))
    assert texts(results) == ["before", f"<{kind}>", "after", "last"]
    assert said in results[1].message
    assert texts(list(parser.extract_all(pages(b"next batch")))) == ["next batch"]


def test_a_page_that_hangs_meets_the_clock_and_the_rest_survives() -> None:
    parser = IsolatedParser(MISBEHAVING, Limits(1000, 20, 10, 256, 0.5))
    results = list(parser.extract_all(pages(b"before", b"hang", b"after")))
    parser.close()
    assert texts(results) == ["before", "<clock>", "after"]
    assert "more than 0.5 s" in results[1].message


def test_bad_pages_in_a_row_each_have_their_own_failure(parser: IsolatedParser) -> None:
    results = list(parser.extract_all(pages(b"exit", b"crash", b"exit", b"good", b"exit")))
    assert texts(results) == ["<died>", "<died>", "<died>", "good", "<died>"]


def test_a_library_that_prints_does_not_write_into_the_results(parser: IsolatedParser) -> None:
    assert texts(list(parser.extract_all(pages(b"print", b"good")))) == ["print", "good"]


def test_a_child_lost_between_batches_costs_no_page(parser: IsolatedParser) -> None:
    (found,) = parser.extract_all(pages(b"pid"))
    os.kill(int(found.text), signal.SIGKILL)
    os.waitid(os.P_PID, int(found.text), os.WEXITED | os.WNOWAIT)
    assert texts(list(parser.extract_all(pages(b"good", b"better")))) == ["good", "better"]


def test_close_leaves_no_process_and_may_be_called_again(parser: IsolatedParser) -> None:
    (found,) = parser.extract_all(pages(b"pid"))
    parser.close()
    parser.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(found.text), 0)


@pytest.fixture
def forking(tmp_path: Path) -> Iterator[subprocess.Popen]:
    """A process that forks parsers' processes, from which this one has them."""
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        process = sandbox.start_process(MISBEHAVING, "formulas", listening.fileno())
    sandbox.fork_from(path, MISBEHAVING, "formulas")
    yield process
    process.kill()
    process.communicate()


@pytest.mark.skipif(not AVAILABLE, reason="processes are forked on Linux alone")
def test_a_forked_process_is_what_a_new_one_is(forking: subprocess.Popen, parser: IsolatedParser) -> None:
    (first,) = parser.extract_all(pages(b"pid"))
    assert int(first.text) in running_children(forking.pid)
    commands = (b"exit", b"good", b"crash", b"raise", b"eat", b"print", b"last")
    results = list(parser.extract_all(pages(*commands)))
    assert texts(results) == ["<died>", "good", "<died>", "<error>", "<memory>", "print", "last"]
    assert ["exit status 3" in results[0].message, "exit status -9" in results[2].message] == [True, True]
    with contextlib.closing(IsolatedParser(MISBEHAVING, Limits(1000, 20, 10, 256, 0.5))) as hasty:
        assert texts(list(hasty.extract_all(pages(b"hang", b"after")))) == ["<clock>", "after"]
    (last,) = parser.extract_all(pages(b"pid"))
    parser.close()
    assert int(last.text) not in running_children(forking.pid)


@pytest.mark.skipif(not AVAILABLE, reason="processes are forked on Linux alone")
def test_without_the_process_that_forks_parsers_they_are_started_as_ever(
    forking: subprocess.Popen, parser: IsolatedParser
) -> None:
    forking.kill()
    forking.wait()
    (found,) = parser.extract_all(pages(b"pid"))
    assert int(found.text) in running_children(os.getpid())


@pytest.mark.parametrize("forked", [serve, None])
def test_a_process_that_was_started_early_is_the_first_parser_s(forked: Callable[..., object] | None) -> None:
    before = set(running_children(os.getpid()))
    sandbox.start_early("resiliparse", serve=forked)
    sandbox.start_early("resiliparse", serve=forked)
    sandbox.start_early(
        "no.parser", serve=forked
    )  # what may not be there is started by who needs it, who says what is wrong
    (early,) = set(running_children(os.getpid())) - before
    parser = IsolatedParser("resiliparse", LIMITS)
    assert texts(list(parser.extract_all(pages(b"<p>grain</p>")))) == ["grain"]
    assert set(running_children(os.getpid())) - before == {early}
    parser.close()
    assert texts(list(parser.extract_all(pages(b"<p>flour</p>")))) == ["flour"]  # by one of its own
    parser.close()
    assert set(running_children(os.getpid())) == before


@pytest.mark.skipif(not AVAILABLE, reason="processes are forked on Linux alone")
def test_a_forked_process_is_ended_as_a_started_one() -> None:
    before = set(running_children(os.getpid()))
    child = ForkedChild(partial(serve, "tests.parsers.misbehaving", "formulas"))
    assert set(running_children(os.getpid())) - before
    assert child.poll() is None
    child.kill()
    assert child.wait() == child.poll() == -signal.SIGKILL
    child.kill()  # it is gone
    assert set(running_children(os.getpid())) == before


@pytest.mark.skipif(not AVAILABLE, reason="processes are forked on Linux alone")
def test_what_goes_wrong_in_a_forked_process_ends_it_alone(capfd: pytest.CaptureFixture[str]) -> None:
    child = ForkedChild(lambda requests, replies: requests.no_such_thing())  # type: ignore[attr-defined]
    assert child.wait() == 1 and "no_such_thing" in capfd.readouterr().err
    child = ForkedChild(lambda requests, replies: replies.write(requests.read(4)) and replies.flush())
    child.stdin.write(b"corn")
    child.stdin.flush()
    assert child.stdout.read() == b"corn" and child.wait() == 0


EARLY = """
from pathlib import Path
from parsers import sandbox
from parsers.parser_process import serve
sandbox.start_early("resiliparse", serve=FORKED)
print(*(listed.read_text() for listed in Path("/proc/self/task").glob("*/children")))
"""


def test_a_process_that_nobody_takes_ends_with_who_started_it() -> None:
    for forked in ("serve", "None"):
        code = EARLY.replace("FORKED", forked)
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        with pytest.raises(ProcessLookupError):
            os.kill(int(done.stdout), 0)


def running_children(process: int) -> list[int]:
    """Those that a process has started, by any of its threads."""
    listed = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for children in listed for child in children.read_text().split()]


PARENT = """
from parsers.sandbox import IsolatedParser, Limits, Page
parser = IsolatedParser("tests.parsers.misbehaving", Limits(1000, 20, 10, 256, 600))
for result in parser.extract_all([Page(b"pid", "", "")]):
    print(result.text, flush=True)
list(parser.extract_all([Page(b"hang", "", "")]))
"""


def test_a_child_ends_with_its_parent_whatever_page_it_has_in_hand() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    until = time.monotonic() + 60
    while _runs(child):
        assert time.monotonic() < until
        time.sleep(0.1)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_shipped_parser_gives_the_same_in_isolation() -> None:
    html = b"<html><body><article><p>The miller rose before dawn, for the wind had turned.</p></article></body></html>"
    isolated = IsolatedParser("resiliparse", LIMITS)
    (found,) = isolated.extract_all([Page(html, "", "")])
    isolated.close()
    assert found == load("resiliparse")(html, "", "") and "miller" in found.text
