"""Runs that go on from a finished one, whose extraction they take over: with other settings, or with more input.

What they write equals what ``gristmill run`` would write over all inputs with the recipe, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain

from pipeline import preflight, redeciding, storage
from pipeline.commit import Receipt
from pipeline.driver import common_folder, extracted_parts, input_files, mill
from pipeline.input_units import InputFile, InputListing, cut
from pipeline.json_pieces import Entries
from pipeline.listing import read_manifest, write_listing
from pipeline.phases import PHASES
from pipeline.progress import Progress
from pipeline.remeasuring import list_remeasured_parts
from pipeline.run_state import PARTS, RunState, number_parts
from pipeline.runners import MakePipeline, pipeline_maker
from pipeline.sources.inputs import find_inputs
from pipeline.taking_over import FIRST, Base, changed_keys, read_base, receipts, take_over, taken_over
from pipeline.transforms.measures import unmeasured
from recipes import Recipe


def refilter(
    finished: str | Base,
    recipe: Recipe,
    output_dir: str,
    workers: int = 1,
    runner_flags: list[str] | None = None,
    progress: Progress = lambda how_far: None,
    said: Callable[[str], None] = lambda sentence: None,
) -> dict:
    """Mills what ``finished`` has extracted by another recipe into ``output_dir``, and returns the ledger.

    Phases before the first that a changed setting concerns are taken over. Raises ``ValueError`` or
    ``FileNotFoundError`` with a sentence where the base can't give what the others need.
    """
    base = read_base(finished)
    state = RunState(storage.absolute(output_dir), recipe)
    plan = preflight.describe_plan(state, base.inputs(), base.named())
    phases = taken_over(base, changed_keys(base, recipe, plan["models"]))
    continued = preflight.is_begun(state.dir)
    preflight.check_plan(state, plan, ())
    make_pipeline = pipeline_maker(runner_flags or [], workers)

    def prepare() -> int:
        if unmeasured(base.recipe, recipe):
            list_remeasured_parts(base, state, make_pipeline)
        take_over(base, state.dir, phases)
        return 0  # none is read

    return mill(state, plan, make_pipeline, progress, prepare, said, continued)


def foresee(finished: str | Base, recipe: Recipe) -> Iterator[str]:
    """Lines that say what :func:`refilter` would do, and what its ledger would differ by where stored scores tell."""
    base = read_base(finished)
    plan = preflight.describe_plan(RunState(base.dir, recipe), base.inputs())
    changed = changed_keys(base, recipe, plan["models"])
    if not changed:
        yield f"nothing differs from the recipe of {base.dir}"
        return
    yield f"changed: {', '.join(changed)}"
    if redeciding.limits_alone(base, recipe, changed):
        yield from redeciding.outlook(base, recipe).lines()
        return
    phases = taken_over(base, changed)
    left = [phase.name for phase in PHASES if phase.name not in phases and phase.settings(recipe) is not None]
    yield f"taken over from {base.dir}: {', '.join(phases)}"
    yield f"run anew: {', '.join(left)}; what they change is not known before, since more differs than limits on scores"


def extend(
    finished: str | Base,
    patterns: list[str],
    recipe: Recipe,
    output_dir: str,
    workers: int = 1,
    runner_flags: list[str] | None = None,
    progress: Progress = lambda how_far: None,
    said: Callable[[str], None] = lambda sentence: None,
) -> dict:
    """Mills the inputs of ``finished`` and those that ``patterns`` name together, and returns the ledger.

    The base's inputs aren't read again: what it has extracted is taken over, and all later phases run over everything.
    Inputs that it has read already may be named; one that has changed since raises :class:`pipeline.preflight.NotReady`.
    Captures keep the names under which the base has read their files, also where a run over both would name them by
    another folder.
    """
    base = read_base(finished)
    state = RunState(storage.absolute(output_dir), recipe)
    added = _added(base, find_inputs(patterns, state.dir, recipe.read.common_crawl))
    described = preflight.describe_inputs(added)
    listed = Entries(lambda: chain(base.inputs(), described))
    plan = preflight.describe_plan(state, listed, base.named())
    if wanted := unmeasured(base.recipe, recipe):
        raise preflight.NotReady(
            f"{', '.join(wanted)} would measure documents otherwise than {base.dir} has; extend it with its own settings, "
            f"and use `gristmill refilter` on the new run"
        )
    taken_over(base, changed_keys(base, recipe, plan["models"]))
    continued = preflight.is_begun(state.dir)
    preflight.check_plan(state, plan, added)
    make_pipeline = pipeline_maker(runner_flags or [], workers)

    def prepare() -> int:
        return _extract(base, state, added, make_pipeline, progress)

    return mill(state, plan, make_pipeline, progress, prepare, said, continued)


def _added(base: Base, paths: list[str]) -> tuple[InputFile, ...]:
    """The inputs that the base hasn't read, counted on from its own, of which those are held that are named again."""
    named = set(paths)
    known = {file["path"]: file["fingerprint"] for file in base.inputs() if file["path"] in named}
    again = input_files([path for path in paths if path in known], 0)
    for described in preflight.describe_inputs(again):
        if described["fingerprint"] != known[described["path"]]:
            raise preflight.NotReady(
                f"{described['path']} has changed since {base.dir} read it; run all inputs anew with `gristmill run`"
            )
    new = [path for path in paths if path not in known]
    if not new:
        raise preflight.NotReady(f"{base.dir} has read all that --input names; name what it hasn't")
    count = sum(1 for _ in base.inputs())
    return input_files(new, common_folder(chain((file["path"] for file in base.inputs()), new)), count)


def _extract(
    base: Base, state: RunState, added: tuple[InputFile, ...], make_pipeline: MakePipeline, progress: Progress
) -> int:
    """Extracts the added inputs in a folder of their own, and lists what the base has extracted and they."""
    if read_manifest(state.dir, PARTS) is not None:
        return 0
    own = RunState(storage.join(state.dir, "work", "added"), state.recipe)
    units = cut(added, state.recipe.read.unit_bytes)
    own = replace(own, input_units=InputListing(own.dir).write(units))
    extracted = extracted_parts(own, make_pipeline, progress)

    def together() -> Iterator[Receipt]:
        new = (
            replace(receipt, files=[replace(file, path=file.at(own.dir)) for file in receipt.files])
            for receipt in extracted.receipts()
        )
        for number, receipt in enumerate(chain(receipts(base, FIRST), new)):
            yield replace(receipt, unit=f"unit-{number:06d}", number=number)

    number_parts(state.dir, write_listing(state.dir, FIRST, together()))
    return 0
