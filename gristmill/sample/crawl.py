"""The sample crawl as a whole: gather what the planters hand in, write the files, the answer sheet and a guide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from gristmill.sample import (
    articles,
    damage,
    forums,
    languages,
    manuals,
    mathematics,
    neighbourhoods,
    nuisance,
    repeats,
    responses,
    warc,
)  # fmt: skip
from gristmill.sample.capture import DAYS, Capture
from gristmill.sample.expectations import FILE_NAME, Expectation, write_expectations
from gristmill.sample.grammar import DATA

FILES = 6
GARBAGE_FILE, CUT_FILE = 4, 5
PLANTERS = (
    articles.plant, forums.plant, manuals.plant, mathematics.plant, languages.plant, repeats.plant, nuisance.plant,
    neighbourhoods.plant, responses.plant, damage.plant,
)  # fmt: skip


def write_sample(output_dir: Path, seed: int = 1) -> Path:
    """Write the sample crawl and return the path of its answer sheet.

    ``output_dir`` is made if missing and receives ``sample-00000.warc.gz`` … in date order, ``expected.jsonl`` (one
    :class:`Expectation` a line) and ``ABOUT.md``. The same seed gives the same bytes. The last two files are damaged:
    garbage stands in the middle of one, the other ends in the middle of a record.
    """
    out = Path(output_dir)
    out.mkdir(parents=True, exist_ok=True)
    planted = _captures(seed)
    expectations: list[Expectation] = []
    for number in range(FILES):
        share = [capture for capture in planted if capture.day * FILES // DAYS == number]
        name = f"sample-{number:05d}.warc.gz"
        chunks = [warc.member(warc.warcinfo(name, share[0].date))]
        for position, capture in enumerate(share):
            chunks.extend(map(warc.member, capture.records()))
            expectations.append(capture.expectation())
            if number == GARBAGE_FILE and position == len(share) // 2:
                noise, expectation = damage.garbage(seed)
                chunks.append(noise)
                expectations.append(expectation)
        if number == CUT_FILE:
            capture = damage.cut_capture(seed)
            whole = warc.member(capture.records()[0])
            chunks.append(whole[: len(whole) // 2])
            expectations.append(capture.expectation())
        (out / name).write_bytes(b"".join(chunks))
    write_expectations(out / FILE_NAME, expectations)
    (out / "ABOUT.md").write_text(_about(seed, expectations), "utf-8")
    return out / FILE_NAME


def _captures(seed: int) -> list[Capture]:
    """All captures in the order in which they are written: by date, ties by content."""
    planted = [capture for plant in PLANTERS for capture in plant(seed)]
    return sorted(planted, key=lambda capture: (capture.date, capture.url, capture.kind, capture.body, capture.fates))


def _about(seed: int, expectations: Sequence[Expectation]) -> str:
    groups = Counter((e.kind, " or ".join(e.fates), ", ".join(e.stages)) for e in expectations)
    notes = {e.kind: e.note for e in expectations if e.note}
    rows = [
        f"| {kind} | {count} | {fates} | {stages or '–'} | {notes.get(kind, '')} |"
        for (kind, fates, stages), count in sorted(groups.items())
    ]
    head = (DATA / "about.md").read_text("utf-8").format(seed=seed, files=FILES, records=len(expectations))
    return head + "\n".join(rows) + "\n"
