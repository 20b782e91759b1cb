"""The end of every job: the receipts of its units become the phase's listing.

    receipts -> (files of receipts, for a run that is killed) -> by block -> a file of the listing each -> one summary

The units of most runs are one block, whose file and summary one step writes. Workers do it all; the driver reads the
summary, and declares the phase done (:func:`pipeline.listing.write_manifest`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PValue

from pipeline.commit import Receipt, write_receipts
from pipeline.listing import BLOCK_UNITS, write_block, write_summary

# What a killed worker loses beside the unit it was at: no more than this much work, and less at the beginning. A file
# for each unit would be a million files of a month's crawl, each a request to write and one to read.
LONGEST_WAIT = 60.0
_FIRST_WAIT = 0.5


def commit(
    receipts: PValue,
    run_dir: str,
    phase: str,
    units: int,
    done: PValue | None = None,
    block_units: int = BLOCK_UNITS,
) -> PValue:
    """Writes the listing of ``phase`` from the receipts of its ``units``; ``done``: those that were handed in before."""
    every = receipts | "commit: hand in" >> beam.ParDo(_HandIn(run_dir, phase))
    if done is not None:
        every = (every, done) | "commit: all" >> beam.Flatten()
    blocks = every | "commit: by block" >> beam.Map(_by_block, block_units) | "commit: blocks" >> beam.GroupByKey()
    if units <= block_units:
        return blocks | "commit: listing and summary" >> beam.Map(_write_only_block, run_dir, phase, block_units)
    return (
        blocks
        | "commit: listing" >> beam.Map(_write_block, run_dir, phase, block_units)
        | "commit: together" >> beam.GroupByKey()
        | "commit: summary" >> beam.Map(_write_summary, run_dir, phase)
    )


class _HandIn(beam.DoFn):
    """Writes receipts in bundles: soon at first, so that a short run shows what it does, then once a minute."""

    def __init__(self, run_dir: str, phase: str):
        self._run_dir = run_dir
        self._phase = phase

    def setup(self) -> None:
        self._wait = _FIRST_WAIT

    def start_bundle(self) -> None:
        self._pending: list[Receipt] = []
        self._since = time.monotonic()

    def process(self, receipt: Receipt) -> Iterator[Receipt]:
        self._pending.append(receipt)
        if time.monotonic() - self._since >= self._wait:
            self._write()
            self._wait = min(LONGEST_WAIT, 2 * self._wait)
        yield receipt

    def finish_bundle(self) -> None:
        if self._pending:
            self._write()

    def _write(self) -> None:
        write_receipts(self._run_dir, self._phase, self._pending)
        self._pending = []
        self._since = time.monotonic()


def _by_block(receipt: Receipt, block_units: int) -> tuple[int, Receipt]:
    return receipt.number // block_units, receipt


def _write_block(
    element: tuple[int, Iterable[Receipt]], run_dir: str, phase: str, block_units: int
) -> tuple[int, dict[str, Any]]:
    return 0, write_block(run_dir, phase, *element, block_units)


def _write_only_block(element: tuple[int, Iterable[Receipt]], run_dir: str, phase: str, block_units: int) -> None:
    write_summary(run_dir, phase, [write_block(run_dir, phase, *element, block_units)])


def _write_summary(element: tuple[int, Iterable[dict[str, Any]]], run_dir: str, phase: str) -> None:
    write_summary(run_dir, phase, element[1])
