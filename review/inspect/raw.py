"""A record as it was crawled: where it lies, and what it says, read by a process of its own."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pipeline import storage
from pipeline.reports import records
from pipeline.reports.records import Found
from pipeline.run_state import Part
from pipeline.sources.common_crawl import is_selection
from review import published

_FAILED_AT = re.compile(r"\((.+) at byte (\d+)\)\Z")
_KEPT_IN_MEMORY = 4
# The child imports the parser and compiles what isn't compiled yet; then the recipe's seconds count.
_START_SECONDS = 600.0


class NotAtHand(ValueError):
    """The crawled bytes of a record can't be shown; the message is a sentence that says why."""


class Place(NamedTuple):
    """An input file by path and by the name that the run calls it, and the byte (of tables: ``None``) of a record."""

    path: str
    name: str
    offset: int | None


@dataclass(frozen=True)
class Raw:
    """A record as crawled. ``source`` is its HTML decoded; ``blocks`` are those of :func:`parsers.explain`, ``text`` what the
    kept ones make up."""

    html: bytes
    content_type: str
    charset: str
    source: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)


class RawRecords:
    """The crawled records of one run, found by what the run says of their places; ``inputs``: a folder to look in for the
    input files, where they have moved."""

    def __init__(self, run_dir: str, inputs: str | None = None) -> None:
        self._recipe = published.about(run_dir)["recipe"]
        self._inputs = [file["path"] for file in published.inputs(run_dir)]
        self._moved_to = inputs
        self._places = [
            path for path in storage.list_files(storage.join(run_dir, "places")) if path.endswith(".parquet")
        ]
        extract = self._recipe.get("extract") or {}
        self._seconds = float(extract.get("seconds", 60))
        self._memory_mb = int(extract.get("memory_mb", 1024))
        self._child: subprocess.Popen[str] | None = None
        self._ready_by = 0.0
        self._lock = threading.Lock()
        self._read: OrderedDict[str, Raw] = OrderedDict()

    def read(self, found: Found, parts: list[Part]) -> Raw:
        """The record. Raises :class:`NotAtHand`."""
        identity = found.row["id"]
        with self._lock:
            if identity not in self._read:
                self._read[identity] = self._ask(self.place(found, parts), identity)
                if len(self._read) > _KEPT_IN_MEMORY:
                    self._read.popitem(last=False)
            return self._read[identity]

    def prepare(self) -> None:
        """Starts the process: loading the parser takes seconds, and more where it has to be compiled first."""
        with self._lock:
            if self._child is None:
                self._start()

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            self._end_child()

    def place(self, found: Found, parts: list[Part]) -> Place:
        """Where a record lies: by the run's table of places, its own row, what was extracted, or its failure's message."""
        row = found.row
        failed_at = _FAILED_AT.search(row.get("error") or "")
        for path in self._places:
            listed = records.row_with_id(path, row["id"], ["file", "member", "offset"])
            if listed is not None:
                file = self._inputs[listed["file"]]
                if is_selection(file):
                    there = f"{listed['member']} at byte {listed['offset']}"
                    raise NotAtHand(
                        f"the record was chosen by an index and lies in {there}, which isn't fetched again"
                    )
                # The id of a failure is a hash of its place as the run called it.
                return Place(self._open(file), failed_at[1] if failed_at else file, listed["offset"])
        name, offset = row.get("warc_file"), row.get("warc_offset")
        if name is None:
            for part in parts:
                listed = records.row_with_id(
                    part.tables["extract", "features"], row["id"], ["warc_file", "warc_offset"]
                )
                if listed is not None:
                    name, offset = listed["warc_file"], listed["warc_offset"]
                    break
        if name is None and failed_at:
            name, offset = failed_at[1], int(failed_at[2])
        if name is None:
            raise NotAtHand(
                "where this record lies in the crawl isn't written down: the run has no table of places, and the record "
                "went before it was extracted, or comes from a table"
            )
        return Place(self._open(self._input_called(name)), name, offset)

    def _input_called(self, name: str) -> str:
        for path in self._inputs:
            if path == name or path.endswith("/" + name):
                return path
        raise NotAtHand(f"the run's inputs have no file called {name}")

    def _open(self, path: str) -> str:
        """Where the input file at ``path`` is now."""
        if self._moved_to is None:
            if storage.size(path) is None:
                raise NotAtHand(
                    f"the input file {path} isn't there any more; say with --inputs in which folder it is now"
                )
            return path
        pieces = path.split("/")
        if self._moved_to.endswith("/" + pieces[-1]) and storage.size(self._moved_to) is not None:
            return self._moved_to
        # As much of its path as there is below the folder: files of two folders may have one name.
        for start in range(len(pieces)):
            moved = storage.join(self._moved_to, *pieces[start:])
            if pieces[start] and storage.size(moved) is not None:
                return moved
        raise NotAtHand(f"--inputs {self._moved_to} has no file {pieces[-1]}")

    def _ask(self, place: Place, identity: str) -> Raw:
        extract = self._recipe.get("extract") or {}
        request = {
            "path": place.path, "name": place.name, "offset": place.offset, "id": identity, "explain": True,
            "max_record_bytes": (self._recipe.get("read") or {}).get("max_record_bytes", 10_000_000),
            "alt_text": extract.get("alt_text", "formulas"), "headline": extract.get("headline", "keep"),
        }  # fmt: skip
        said = self._answer(json.dumps(request) + "\n")
        if "error" in said:
            raise NotAtHand(said["error"])
        return Raw(
            base64.b64decode(said["html"]), said["content_type"], said.get("charset", "utf-8"), said["source"],
            said.get("text", ""), said.get("blocks", []),
        )  # fmt: skip

    def _answer(self, line: str) -> dict[str, Any]:
        there = self._child is not None and self._child.poll() is None
        child = self._child if there else self._start()
        assert child is not None and child.stdin is not None and child.stdout is not None
        clock = threading.Timer(self._seconds + max(0.0, self._ready_by - time.monotonic()), child.kill)
        clock.start()
        try:
            child.stdin.write(line)
            child.stdin.flush()
            said = child.stdout.readline()
        except BrokenPipeError:
            said = ""
        finally:
            clock.cancel()
        self._ready_by = 0.0
        if not said:
            self._end_child()
            raise NotAtHand(
                f"the process that read the page has died: it needed more than {self._seconds:g} s or {self._memory_mb} MiB"
            )
        return json.loads(said)

    def _start(self) -> subprocess.Popen[str]:
        self._end_child()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "review.inspect.record_process", str(self._memory_mb)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        self._ready_by = time.monotonic() + _START_SECONDS
        return self._child

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for stream in (self._child.stdin, self._child.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):  # closing flushes what a dead child never took
                        stream.close()
            self._child = None
