"""What a finished run leaves for people: manifests, ledger, run.json; and what it clears away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np

from pipeline import domain_files, json_pieces, ledger, mix, preflight, storage, timings
from pipeline.commit import located
from pipeline.listing import Manifest, read_manifest
from pipeline.phases import duplicates, extract, rejected_texts, shards
from pipeline.run_state import PARTS, RunState
from pipeline.transforms import sorted_rows
from pipeline.transforms.domain_pages import EVIDENCE_JOB
from pipeline.transforms.extracted_part import PLACES, REJECTED_TEXTS
from text.hashing import hash64, hash64s
from tokens.files import FORMER_MANIFEST, MANIFEST

# Each with the phase that writes it; a recipe may leave that out.
FOLDERS = {
    **dict.fromkeys(("documents", "rejected", "failed", "tokens"), shards.PHASE.name),
    duplicates.FOLDER: duplicates.PHASE.name,
    PLACES: extract.PHASE.name,
    rejected_texts.FOLDER: rejected_texts.PHASE.name,
}
_TABLES = (".parquet", ".shingles", f".{sorted_rows.EXTENSION}")
# Roles that only a run in progress needs; all other tables of work/ are small, and ``gristmill why`` reads them. From all but
# the tokens another run can go on.
_TOKENS = ("judge", "tokens")
_BULKY = {("extract", "text"), ("extract", REJECTED_TEXTS), _TOKENS, ("lines", "frequent"), ("clean", "counts")}


def is_finished(state: RunState) -> bool:
    """Whether the run of this plan has been published, and its last file is whole."""
    return json_pieces.is_whole(storage.join(state.dir, "run.json"))


def read_ledger(run_dir: str) -> dict[str, Any]:
    """The ledger of a finished run. Raises ``FileNotFoundError`` where there is none."""
    path = storage.join(run_dir, "ledger.json")
    if storage.size(path) is None:
        raise FileNotFoundError(f"{run_dir} holds no finished run (it has no ledger.json)")
    return json.loads(storage.read_bytes(path))


def files_of(run_dir: str, folder: str) -> list[str]:
    """The files of an output folder of a finished run. Raises ``FileNotFoundError`` where there is none."""
    for name in (MANIFEST, FORMER_MANIFEST):
        path = storage.join(run_dir, folder, name)
        if storage.size(path) is not None:
            base = storage.join(run_dir, folder)
            return [located(base, file["path"]) for file in json_pieces.entries(path, "files")]
    raise FileNotFoundError(f"{run_dir} holds no finished run (it has no {folder}/{MANIFEST})")


def publish(state: RunState, plan: dict[str, Any]) -> None:
    """Writes all that speaks for the run as a whole, run.json last, and removes what nobody needs any more.

    ``plan``: what :func:`pipeline.preflight.check` returned when the run was started.
    """
    books = ledger.count(state)
    counted = read_manifest(state.dir, shards.DOMAINS_JOB) or state.manifests["judge"]
    shares = mix.describe(mix.tokens_by_cell(counted), state.recipe.mix)
    storage.write_bytes(storage.join(state.dir, "mix.json"), storage.dump_json(shares))
    for folder, phase in FOLDERS.items():
        if phase in state.manifests:
            name_files(state.dir, folder, state.manifests[phase])
    if "domains" in state.manifests:
        domain_files.publish(state.dir, state.manifests["domains"])
    storage.write_bytes(storage.join(state.dir, "ledger.json"), storage.dump_json(books))
    storage.write_bytes(
        storage.join(state.dir, timings.NAME), storage.dump_json(timings.describe(state), sort_keys=False)
    )
    inputs = json_pieces.Entries(lambda: _describe_inputs(state, plan))
    about = {**plan, **preflight.describe_software(), "inputs": inputs}
    json_pieces.write(storage.join(state.dir, "run.json"), about, sort_keys=False)
    _clear(state)


def name_files(run_dir: str, folder: str, written: Manifest) -> None:
    """Writes the manifest of an output folder: the files of its name that a phase has written."""

    def files() -> Iterator[dict[str, Any]]:
        for receipt in written.receipts():
            for file in receipt.files:
                if file.role == folder:
                    name = file.path.removeprefix(folder + "/")
                    yield {"path": name, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256}

    json_pieces.write(storage.join(run_dir, folder, MANIFEST), {"files": json_pieces.Entries(files)})


def _describe_inputs(state: RunState, plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The inputs with their sha256: that of the file, or, of one that was read in stretches, of each stretch's. Units are
    cut from inputs in their order, so that an input's stretches come together."""
    by_file = groupby(_readings(state.manifests["extract"]), itemgetter(0))
    reached, readings = next(by_file, (None, iter(())))
    for index, file in enumerate(plan["inputs"]):
        stretches: list[tuple[int, str]] = []
        if reached == index:
            stretches = sorted((start, digest) for _, start, digest in readings)
            reached, readings = next(by_file, (None, iter(())))
        if len(stretches) == 1:
            yield {"path": file["path"], "sha256": stretches[0][1]}
        else:
            listed = [{"start": start, "sha256": digest} for start, digest in stretches]
            yield {"path": file["path"], "stretches": listed}
    assert reached is None, f"what was read of input {reached} is out of its order"


def _readings(extracted: Manifest) -> Iterator[tuple[int, int, str]]:
    for receipt in extracted.receipts():
        yield from sorted((file, start, digest) for file, start, digest, _ in receipt.counts["read"])


def _clear(state: RunState) -> None:
    """Removes leftovers of attempts that no manifest names, and bulky tables unless the recipe keeps them.

    Listings and manifests stay, of jobs within phases too, and so do the tables of such jobs that reports read. Of files
    that stay 8 bytes each are held; a leftover whose hash is that of one of them, one in some million million, stays too.
    """
    manifests = dict(state.manifests)
    if evidence := read_manifest(state.dir, EVIDENCE_JOB):
        manifests[EVIDENCE_JOB] = evidence
    wanted = state.recipe.output.keep_work
    removed = set() if wanted is True else {_TOKENS} if wanted else _BULKY
    hashes = (
        hash64(file.at(state.dir))
        for phase, manifest in manifests.items()
        for receipt in manifest.receipts()
        for file in receipt.files
        if ("extract" if phase == PARTS else phase, file.role) not in removed
    )
    keep = np.unique(np.fromiter(hashes, np.uint64))
    for folder in (*FOLDERS, "work"):
        for batch in storage.files_in_batches(storage.join(state.dir, folder)):
            paths = [path for path in batch if path.endswith(_TABLES) and not _is_listing(path)]
            stays = np.isin(hash64s(paths), keep)
            storage.remove_files([path for path, kept in zip(paths, stays.tolist(), strict=True) if not kept])


def _is_listing(path: str) -> bool:
    return path.rsplit("/", 2)[-2] in ("listing", "inputs")
