"""Rows from files with one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from pipeline.sources.captures import Limits
from pipeline.sources.compressed import DAMAGE, unpacked
from pipeline.sources.layouts import judge_row
from pipeline.sources.records import Record, failed


def read_jsonl(stream: BinaryIO, path: str, limits: Limits) -> Iterator[Record]:
    """The page or text of each line; compression is undone by the file's first bytes."""
    # JSON writes a character in up to six bytes (\u00e9); what is longer still is dropped before it fills the memory.
    longest = 6 * limits.max_record_bytes + 65_536
    number, unfinished = 0, False
    lines = None
    while True:
        try:
            lines = lines or unpacked(stream)
            line = lines.readline(longest)
        except (*DAMAGE, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk or the network, not the file: for the engine to try again
            yield failed(f"{path}, after line {number}", None, f"the file is damaged: {error}")
            return
        if not line:
            return
        goes_on, unfinished = unfinished, not line.endswith(b"\n")
        if goes_on:
            continue
        number += 1
        place = f"{path}, line {number}"
        if len(line) == longest and unfinished:
            yield replace(failed(place, None, f"the line is longer than {longest} bytes"), row=number)
        elif line.strip():
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            yield replace(_judge_line(line, place, limits), row=number)


def _judge_line(line: bytes, place: str, limits: Limits) -> Record:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return failed(place, None, f"the line is not valid JSON: {error}")
    if not isinstance(row, dict):
        what = (
            "a JSON array; write one object a line, as jq -c '.[]' does" if isinstance(row, list) else "no JSON object"
        )
        return failed(place, None, f"the line is {what}")
    return judge_row(row, place, limits)
