"""Whether the stretches of each file fit together; those that don't are read again from the right place.

A stretch begins at the first thing in it that looks like a record (:mod:`pipeline.sources.stretches`). Where that was
part of a longer record, the stretch before it has ended further on: its word counts, since it read the longer record
from its beginning. A stretch that is read again may end elsewhere in turn, so this is done until all fit: almost always
there is nothing to do, and a second time happens in files that contain archives that contain archives.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.commit import Receipt
from pipeline.input_units import InputListing, InputUnit, Stretch
from pipeline.listing import Manifest, read_manifest, write_listing
from pipeline.sources.stretches import Seam

CORRECTED = "extract-corrected"
_log = logging.getLogger(__name__)

ReadAgain = Callable[[str, int], Manifest]
"""Runs extraction as the job of this name, over so many units of the job's own listing."""


@dataclass
class Chain:
    """Where the next record of a file begins, by the stretches seen so far."""

    file: int
    next: int | None = 0
    damaged: bool = False
    broken: bool = False  # what follows can't be judged before a stretch has been read again

    def take(self, stretch: Stretch, seam: Seam) -> Stretch | None:
        """Goes on by one stretch; returns it, corrected, if it has to be read again."""
        if self.broken:
            return None
        inside = self.next is not None and (stretch.end is None or self.next < stretch.end)
        expected = self.next if inside else None
        if seam.began == expected and not (seam.begins_damaged and self.damaged and not stretch.damaged):
            if inside:
                self.next, self.damaged = seam.ended, seam.ends_damaged
            return None
        self.broken = True
        if expected is None:  # nothing begins in it
            return replace(stretch, end=stretch.start, exact=True)
        return replace(stretch, start=expected, exact=True, damaged=self.damaged)


def corrected(run_dir: str, extracted: Manifest, read_again: ReadAgain) -> Manifest:
    """The manifest of extraction in which all stretches fit: the given one, or one with some read again."""
    done = read_manifest(run_dir, CORRECTED)
    if done is not None:
        return done
    turn = 0
    receipts: dict[int, Receipt] = {}
    units: dict[int, InputUnit] = {}
    while True:
        wrong, uncut = _misread(run_dir, extracted, units, receipts)
        if not wrong:
            break
        turn += 1
        job = f"extract-again-{turn:03d}"
        _log.warning(
            "%d stretches of the crawl began within a record of the one before them; they are read again", len(wrong)
        )
        listed = InputListing(run_dir, job)
        listed.write(replace(unit, number=number) for number, unit in enumerate(wrong))
        again = read_again(job, len(wrong))
        for unit, receipt in zip(wrong, again.receipts(), strict=True):
            units[unit.number] = unit
            receipts[unit.number] = replace(receipt, unit=unit.unit, number=unit.number)
    if uncut:
        _log.warning(
            "%d files have no place to be cut at (each one gzip member, or one zstd frame?), so that each was the work "
            "of one worker; packed record by record they are read by several",
            uncut,
        )
    if not receipts:
        return extracted
    return write_listing(run_dir, CORRECTED, (receipts.get(one.number, one) for one in extracted.receipts()))


def _misread(
    run_dir: str,
    extracted: Manifest,
    units: dict[int, InputUnit],
    receipts: dict[int, Receipt],
) -> tuple[list[InputUnit], int]:
    """The units with stretches that don't fit, corrected, and how many files there are in whose later stretches no record
    begins. ``units``, ``receipts``: those that have been read again."""
    listed = InputListing(run_dir)
    chain = Chain(-1)
    wrong: list[InputUnit] = []
    uncut = 0
    is_uncut = False  # the file of the chain, as far as it was seen
    for block in range(extracted.blocks()):
        for first_unit, first in zip(listed.block(block), extracted.block(block), strict=True):
            unit, receipt = units.get(first_unit.number, first_unit), receipts.get(first_unit.number, first)
            stretches = list(unit.stretches)
            for place, (stretch, reading) in enumerate(zip(unit.stretches, receipt.counts["read"], strict=True)):
                if stretch.file != chain.file:
                    uncut += is_uncut
                    chain, is_uncut = Chain(stretch.file), False
                seam = Seam(*reading[3])
                if stretch.start == 0 and stretch.end is not None:
                    is_uncut = True
                elif seam.began is not None:
                    is_uncut = False
                again = chain.take(stretch, seam)
                if again is not None:
                    stretches[place] = again
            if stretches != list(unit.stretches):
                wrong.append(replace(unit, stretches=tuple(stretches)))
    return wrong, uncut + is_uncut
