"""What a person sees of a run while it works: bars on a terminal, lines or objects of JSON where there is none, a log file."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gristmill.display import console
from pipeline.progress import PhaseProgress
from pipeline.stages import BOOKKEEPING

Shown = Callable[[PhaseProgress], None]
Said = Callable[[str], None]
# Between two lines about the same phase.
_SECONDS = 30.0
_REASONS = 3
# Characters of a bar's columns; what is beside the figures has a time of at most eight, and spaces between.
_PHASE, _BAR = 20, 16
_BESIDE_FIGURES = _PHASE + _BAR + 8 + 3
_MIB = 1 << 20
_log = logging.getLogger("gristmill")


@contextmanager
def phase_progress(mode: str = "auto") -> Iterator[tuple[Shown, Said]]:
    """How a run's progress is shown, and how its sentences are: bars on a terminal (``bar``; ``auto`` where there is
    one), or ``lines`` on standard error, each half minute and when a phase is done; ``json``: an object a line instead;
    ``none``. A log file (:mod:`gristmill.logs`) has the lines whatever is shown."""
    if mode == "auto":
        mode = "bar" if console.is_terminal else "lines"
    sinks: list[tuple[Shown, Said]] = []
    with ExitStack() as stack:
        if mode == "bar":
            bars = stack.enter_context(_bars())
            sinks.append(
                (bars, lambda sentence: console.print(sentence, highlight=False, markup=False, soft_wrap=True))
            )
        elif mode != "none":
            lines = _Lines(_print_json if mode == "json" else _print_line)
            sinks.append((lines.show, lines.say))
        logged = _Lines(lambda line, told: _log.info("%s", line))
        sinks.append((logged.show, logged.say))
        yield (
            lambda how_far: _each([show for show, _ in sinks], how_far),
            lambda sentence: _each([say for _, say in sinks], sentence),
        )


def _each(sinks: list[Callable[[Any], None]], what: Any) -> None:
    for sink in sinks:
        sink(what)


class _Rates:
    """What a phase does in a second, since it was first heard of."""

    def __init__(self) -> None:
        self._began: dict[str, tuple[float, PhaseProgress]] = {}

    def of(self, how_far: PhaseProgress) -> dict[str, Any]:
        """The figures of a phase, under the names that they have in JSON; ``None`` for what can't be told yet."""
        now = time.monotonic()
        began, first = self._began.setdefault(how_far.phase, (now, how_far))
        seconds, work, before = now - began, how_far.work, first.work
        gained = how_far.share - first.share
        records = work.records - before.records
        pages = work.records - sum(count for name, count in work.rejected.items() if _is_bookkeeping(name))
        return {
            "phase": how_far.phase,
            "number": how_far.number,
            "of": how_far.of,
            "done": how_far.done,
            "units": how_far.units,
            "share": round(how_far.share, 4),
            "seconds": round(seconds, 1),
            "seconds_left": round(seconds / gained * (1 - how_far.share))
            if gained > 0 and how_far.share < 1
            else None,
            "records": work.records,
            "records_per_second": round(records / seconds, 1) if seconds and records else None,
            "mb_per_second": round((work.bytes - before.bytes) / seconds / 1e6, 2) if seconds and work.bytes else None,
            "kept": work.kept,
            "kept_share": round(work.kept / pages, 4) if pages else None,
            "memory_mib": work.memory // _MIB,
            "rejected": dict(work.rejected),
        }

    def seconds_since(self, phase: str) -> float:
        return time.monotonic() - self._began[phase][0]


def _is_bookkeeping(name: str) -> bool:
    """Whether ``stage/reason`` is of records that never held a page."""
    return name.partition("/")[2].startswith(BOOKKEEPING)


def _figures(told: dict[str, Any]) -> str:
    """The figures of a phase in words, those that there are."""
    said = [f"{told['done']:,} of {told['units']:,} units"]
    if told["seconds_left"] is not None:
        said.append(f"some {told['seconds_left']:,.0f} s left")
    if told["records"]:
        said.append(f"{told['records']:,} records")
        if told["records_per_second"]:
            said.append(f"{told['records_per_second']:,.0f} records/s")
        if told["mb_per_second"]:
            said.append(f"{told['mb_per_second']:,.1f} MB/s")
    if told["kept_share"] is not None:
        said.append(f"{told['kept_share']:.0%} of pages go on")
    if told["memory_mib"]:
        said.append(f"{told['memory_mib']:,} MiB")
    return ", ".join(said)


@contextmanager
def _bars() -> Iterator[Shown]:
    columns = (
        TextColumn(f"{{task.description:<{_PHASE}}}"),
        BarColumn(_BAR),
        TimeElapsedColumn(),
        TextColumn("{task.fields[figures]}"),
    )
    tasks: dict[str, Any] = {}
    rates = _Rates()
    with Progress(*columns, console=console) as bars:

        def show(how_far: PhaseProgress) -> None:
            figures = _figures(rates.of(how_far))
            room = max(console.width - _BESIDE_FIGURES, _PHASE)
            if len(figures) > room:  # else the bar would go, and the time
                figures = f"{figures[: room - 1]}…"
            if how_far.phase not in tasks:
                tasks[how_far.phase] = bars.add_task(
                    f"{how_far.number:>2}/{how_far.of} {how_far.phase}", total=1.0, figures=figures
                )
            bars.update(tasks[how_far.phase], completed=how_far.share, figures=figures)

        yield show


class _Lines:
    """Progress for logs: a line when a phase is done, and now and then before."""

    def __init__(self, write: Callable[[str, dict[str, Any]], None]):
        self._write = write
        self._rates = _Rates()
        self._written = 0.0
        self._finished: set[str] = set()

    def show(self, how_far: PhaseProgress) -> None:
        told = self._rates.of(how_far)
        now = time.monotonic()
        is_done = how_far.done >= how_far.units
        soon = min(now - self._written, self._rates.seconds_since(how_far.phase)) < _SECONDS
        if how_far.phase in self._finished or (soon and not is_done):
            return
        self._written = now
        line = f"{told['phase']} ({told['number']} of {told['of']}): {_figures(told)}"
        if is_done:
            self._finished.add(how_far.phase)
            reasons = [item for item in told["rejected"].items() if not _is_bookkeeping(item[0])]
            most = sorted(reasons, key=lambda item: (-item[1], item[0]))[:_REASONS]
            line += f", {told['seconds']:,.0f} s" + (
                f"; most went by {', '.join(f'{n} {c:,}' for n, c in most)}" if most else ""
            )
        self._write(line, told)

    def say(self, sentence: str) -> None:
        self._write(sentence, {"said": sentence})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _print_line(line: str, told: dict[str, Any]) -> None:
    print(f"{_now()} {line}", file=sys.stderr, flush=True)


def _print_json(line: str, told: dict[str, Any]) -> None:
    print(json.dumps({"time": _now(), **told}), file=sys.stderr, flush=True)
