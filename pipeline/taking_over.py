"""A run that goes on from a finished one, its *base*: what the base's first phases have committed is taken over.

Each key of a recipe has a phase that asks for it first. Phases before the first with a changed key would write what the
base's have written, so their listings are written anew with the paths at which the base's files lie, and their sizes and
sha256; nothing is copied, and the base is never written to. All later phases run. Phases that write output folders run
too, cheap as they are, so that a run's folders are whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipeline import json_pieces, outputs, seams, stages, storage
from pipeline.commit import Receipt
from pipeline.listing import Manifest, read_manifest, write_listing
from pipeline.phases import duplicates, extract
from pipeline.preflight import LAYOUT, NotReady, plan_path
from pipeline.run_state import PARTS
from pipeline.transforms import measures, people
from recipes import Recipe, as_dict, parse

FIRST = extract.PHASE.name
LINKS = "domains.listed"
_TEXTS = "output.keep_rejected"
# The phase that first asks for a key of the recipe; the longest name counts, and what isn't here is extraction's.
_ASKED_BY = {
    "name": "shards", "source": "shards",
    "decisions": "decisions", "domains": "domains", "urls": "urls",
    "documents": "documents",
    "lines": "lines", "lines.max_removed_share": "clean", "lines.min_words": "clean",
    "heuristics": "judge", "quality": "judge", "quality.models": "inference", "redact": "judge", "tokenise": "judge",
    "tokenise.held_out_per_10000": "shards",
    "mix": "shards", "mix.max_domain_share": "judge",
    "output.keep_rejected": "rejected_texts", "shards": "shards", "output": "shards",
}  # fmt: skip
# Of files that a run uses (models of its plan), by how their names begin; others begin with a key of the recipe.
_FILES_ASKED_BY = {
    "tokenizer": "judge", "quality.models": "inference", "quality": "judge", "decisions ": "decisions", "classifier ": "domains",
}  # fmt: skip
# What is said where decisions concern extraction.
_LIFTED = "decisions about pages that block lists took or would take"
# What a phase reads that finished runs may have cleared away, and who has written it.
_NEEDED = {"judge": ("clean", "counts"), "clean": ("lines", "frequent")}


@dataclass(frozen=True)
class Base:
    """A finished run: its folder, the hashes of its ``models`` and its recipe, as its plan has them."""

    dir: str
    models: dict[str, str]
    recipe: Recipe

    def inputs(self) -> json_pieces.Entries:
        """Its inputs as its plan names them, read one by one each time."""
        return json_pieces.Entries(lambda: json_pieces.entries(plan_path(self.dir), "inputs"))

    def named(self) -> dict[str, str]:
        """What the plan of a run that goes on from it says of it."""
        return {"path": self.dir, "sha256": storage.sha256_of_file(storage.join(self.dir, "run.json"))}


def read_base(run: str | Base) -> Base:
    """The finished run in a folder; one that was read before is returned as it is. Raises ``FileNotFoundError`` where there is none, :class:`NotReady` where it is
    of another version."""
    if isinstance(run, Base):
        return run
    run_dir = storage.absolute(run)
    outputs.read_ledger(run_dir)
    plan = json_pieces.without(plan_path(run_dir), "inputs")
    if plan.get("layout") != LAYOUT:
        raise NotReady(f"{run_dir} was run by another version of gristmill, whose files this one doesn't know")
    return Base(run_dir, plan["models"], parse(plan["recipe"]))


def changed_keys(base: Base, recipe: Recipe, models: Mapping[str, str]) -> dict[str, str]:
    """Keys of the recipe, and files, that are not the base's, each with the phase that first asks for it.

    Of what extraction has measured (:func:`pipeline.transforms.measures.unmeasured`), links need the pages themselves; URLs'
    keys and signatures can be measured again (:mod:`pipeline.remeasuring`).
    """
    found = {key: _asked_by(key) for key in _differences("", as_dict(base.recipe), as_dict(recipe))}
    if LINKS in measures.unmeasured(base.recipe, recipe):
        found[LINKS] = FIRST
    if _texts_kept(recipe) > _texts_kept(base.recipe):  # extraction keeps those that go there
        found[_TEXTS] = FIRST
    for name, digest in models.items():
        if base.models.get(name, digest) != digest:
            starts = (phase for start, phase in _FILES_ASKED_BY.items() if name.startswith(start))
            found[name] = next(starts, _asked_by(name.partition(" ")[0]))
    if people.PHASE in found.values() and people.lifts_otherwise(base.dir, base.recipe, recipe):
        found[_LIFTED] = FIRST
    return found


def taken_over(base: Base, changed: Mapping[str, str]) -> list[str]:
    """The phases of the base that a run with these changes needs not run, in their order.

    Raises :class:`NotReady` where that is none, or where the base has cleared away what the others read.
    """
    asked = [key for key, phase in changed.items() if phase == FIRST]
    if asked:
        raise NotReady(
            f"{', '.join(asked)} decides what is extracted, and a run that goes on from {base.dir} takes its extraction "
            f"over; use `gristmill run` over the same inputs"
        )
    written = {duplicates.PHASE.name, *outputs.FOLDERS.values()} - {FIRST}
    first = min(map(stages.PHASES.index, changed.values()), default=len(stages.PHASES))
    kept = [phase for phase in stages.PHASES[:first] if phase not in written and read_manifest(base.dir, phase)]
    for reader, (writer, role) in _NEEDED.items():
        if reader not in kept and writer in kept and not _is_there(base, writer, role):
            kept = kept[: kept.index(writer)]
    if not _is_there(base, FIRST, "text"):
        raise NotReady(
            f"{base.dir} has cleared its extracted texts away, so that nothing can go on from it; run it again with "
            f"--set output.keep_work=text, which costs a whole run, and keep that"
        )
    if (judge := "judge") in kept and not _is_there(base, judge, "tokens"):
        kept = kept[: kept.index(judge)]
    return kept


def take_over(base: Base, run_dir: str, phases: list[str]) -> None:
    """Writes the listings of the base's ``phases`` into ``run_dir``, with the paths at which its files lie."""
    if FIRST in phases and read_manifest(run_dir, PARTS) is None:
        write_listing(run_dir, PARTS, receipts(base, PARTS))
    for phase in phases:
        if read_manifest(run_dir, phase) is None:
            write_listing(run_dir, phase, receipts(base, phase))


def receipts(base: Base, phase: str) -> Iterator[Receipt]:
    """The receipts of a phase of the base, their files with the paths at which they lie."""
    listed = _manifest(base, phase)
    for receipt in listed.receipts():
        yield replace(receipt, files=[replace(file, path=file.at(listed.run_dir)) for file in receipt.files])


def _manifest(base: Base, phase: str) -> Manifest:
    found = (read_manifest(base.dir, seams.CORRECTED) if phase == FIRST else None) or read_manifest(base.dir, phase)
    if found is None:
        raise NotReady(f"{base.dir} has lost the manifest of its phase {phase}; nothing can go on from it")
    return found


def _is_there(base: Base, phase: str, role: str) -> bool:
    """Whether the first and the last file of a role still are."""
    paths = list(_manifest(base, phase).paths(role))
    return all(storage.size(path) is not None for path in {*paths[:1], *paths[-1:]})


def _texts_kept(recipe: Recipe) -> int:
    wanted = recipe.output.keep_rejected
    return wanted.texts if wanted else 0


def _asked_by(key: str) -> str:
    if key.startswith("quality.models.") and ".reject_below" in key:
        return "judge"  # a limit needs no scores anew
    while key not in _ASKED_BY and "." in key:
        key = key.rpartition(".")[0]
    return _ASKED_BY.get(key, FIRST)


def _differences(key: str, before: Any, now: Any) -> Iterator[str]:
    """The keys by which two recipes differ; of mappings in another order, their own."""
    if json.dumps(before) == json.dumps(now):
        return
    if not (isinstance(before, Mapping | None) and isinstance(now, Mapping | None)):
        yield key
        return
    one, other = before or {}, now or {}
    inside = [
        difference
        for name in {**one, **other}
        for difference in _differences(f"{key}.{name}" if key else name, one.get(name), other.get(name))
    ]
    # A stage that was left out and has no settings, and filters in another order, differ by themselves.
    yield from inside or [key]
    if key and inside and (before is None or now is None):
        yield key
