"""``gristmill refilter --erase``: what a new run took out of its base on demand, and who answers for it."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recipes import Recipe

RECORD = "erasure.json"


def tell(base: str, run: str, recipe: Recipe, trained: list[str], who: str) -> None:
    """Prints what the new run changed, what training saw of it, and the line for the record, which stays in the new run."""
    # Only for this: Beam takes seconds to load.
    from pipeline import storage
    from review.erasure import compare_erasure
    from review.inspect.decide import reviewer

    found = compare_erasure(base, run, recipe)
    for line in found.lines():
        print(line)
    urls = {one.id: one.url for one in found.taken}
    seen = [_seen_by(folder, urls) for folder in trained]
    record = found.record(who or reviewer(), datetime.now(UTC).isoformat(timespec="seconds"), seen)
    written = json.dumps(record, ensure_ascii=False)
    storage.write_bytes(storage.join(found.run, RECORD), written.encode() + b"\n")
    print(f"For the record ({RECORD}):\n{written}")


def _seen_by(folder: str, urls: dict[str, str]) -> dict[str, Any]:
    """The steps of a training run that saw each document, printed and for the record."""
    # Only where a run of the trainer is named: torch.
    from trainer.errors import need_torch

    need_torch()
    # After the sentence that says what to install.
    from trainer.training.lineage import Lineage

    lineage = Lineage(Path(folder))
    steps: dict[str, set[int]] = defaultdict(set)
    for one in lineage.of_ids(urls):
        steps[one.part.id].add(one.step)
    print(
        f"{folder}: {len(steps):,} of them were seen, in {len(set().union(*steps.values())):,} of {lineage.steps:,} steps"
    )
    for identity, numbers in sorted(steps.items()):
        print(f"  {identity} in step {', '.join(map(str, sorted(numbers)))}: {urls[identity]}")
    return {"run": folder, "steps": lineage.steps, "seen": {name: sorted(steps[name]) for name in sorted(steps)}}
