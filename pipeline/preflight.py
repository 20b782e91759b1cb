"""Everything that can be known to go wrong, before any work starts: each a sentence that says what to do."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import parsers
from blocklists import load as load_lists
from blocklists.blocker import Blocker, locate_allowed
from blocklists.decisions import read as read_decisions
from blocklists.lists import fingerprint, locate
from dedup.clusters import ORDERS
from dedup.url import RULES
from filters.content_class import CLASSES
from filters.decontamination.filter import DecontaminationFilter
from filters.decontamination.questions import files_of
from filters.language import of_settings
from filters.quality import SHIPPED_MODEL
from filters.quality_models import is_transformer, score_of_recipe
from filters.redaction import Redactor
from filters.registry import make_filter
from filters.text_classifier import model_files
from pipeline import json_pieces, storage
from pipeline.input_units import InputFile
from pipeline.run_state import RunState
from pipeline.sources.common_crawl import is_selection, stored_file
from pipeline.transforms.domain_pages import page_evidence
from recipes import as_dict
from tokens import tokenizer as tokenizers

# Bytes that a run writes for each compressed byte of a crawl: text, its tables and tokens, then documents and tokens
# again while both are there. Measured on real pages with trafilatura: 0.45; WET files, all text, need the most.
_OUTPUT_PER_INPUT_BYTE = {"warc": 0.6, "text": 4.0}
# Of the files below work/: a run that another version began can't be continued.
LAYOUT = 7
# Asked at once where inputs are remote: each waits for a server.
_QUESTIONS = 64
_WAITING = 1024
_VERSIONS_OF = (
    "apache-beam", "pyarrow", "numpy", "numba", "selectolax", "trafilatura", "resiliparse", "fastwarc", "datasketch",
    "tiktoken", "tokenizers",
)  # fmt: skip


class NotReady(ValueError):
    """A run that can't start; the message is a sentence for the person who started it."""


def sizes_of(paths: Sequence[str]) -> list[int | None]:
    """Bytes of each file; ``None`` of a choice of records, and where nobody can say."""
    return list(_answers(lambda path: None if is_selection(path) else storage.size(path), paths))


def _answers(ask: Callable[[str], Any], paths: Iterable[str]) -> Iterator[Any]:
    """The answers for all paths, some asked at once: one that waits takes a thousand bytes."""
    left = iter(paths)
    with ThreadPoolExecutor(_QUESTIONS) as pool:
        while some := list(islice(left, _WAITING)):
            yield from pool.map(ask, some)


def check(state: RunState, inputs: Sequence[InputFile]) -> dict[str, Any]:
    """The plan of a run over ``inputs``, checked by :func:`check_plan`."""
    plan = describe_plan(state, describe_inputs(inputs))
    check_plan(state, plan, inputs)
    return plan


def check_plan(state: RunState, plan: dict[str, Any], inputs: Sequence[InputFile]) -> None:
    """Raises :class:`NotReady` (or another ``ValueError``, ``FileNotFoundError``) where a run can't succeed.

    Writes ``work/plan.json``, by which a later start recognises the same run. ``inputs``: those that are still to be read.
    """
    check_same_run(state, plan)
    _check_names("urls.rules", state.recipe.urls.rules, RULES)
    if state.recipe.documents:
        _check_names("documents.survivor", state.recipe.documents.survivor, ORDERS)
    _check_models(state)
    _check_disk(state, inputs)
    try:
        json_pieces.write(plan_path(state.dir), plan, sort_keys=False)
    except OSError as error:
        raise NotReady(f"--output {state.dir} can't be written to: {error.strerror or error}") from error


def describe_inputs(inputs: Sequence[InputFile]) -> list[dict[str, Any]]:
    """The inputs as a plan names them, with their fingerprints."""
    fingerprints = _answers(storage.fingerprint, (stored_file(file.path) for file in inputs))
    return [
        {"path": file.path, "limit": file.limit, "fingerprint": fingerprint}
        for file, fingerprint in zip(inputs, fingerprints, strict=True)
    ]


def describe_plan(
    state: RunState, inputs: Iterable[dict[str, Any]], base: dict[str, str] | None = None
) -> dict[str, Any]:
    """What must not change between two starts of a run: recipe and inputs (a list, or :class:`pipeline.json_pieces.Entries`),
    and the run that it goes on from."""
    plan = {"layout": LAYOUT, "recipe": as_dict(state.recipe), "models": _hash_models(state), "inputs": inputs}
    return plan if base is None else {**plan, "base": base}


def is_begun(run_dir: str) -> bool:
    """Whether a run was started in this folder before."""
    return storage.size(plan_path(run_dir)) is not None


def plan_path(run_dir: str) -> str:
    """Where a run's plan lies, which is written before any work."""
    return storage.join(run_dir, "work", "plan.json")


def describe_software() -> dict[str, Any]:
    """Versions, for ``run.json``."""
    return {
        "versions": {
            "gristmill": importlib.metadata.version("gristmill"),
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in _VERSIONS_OF},
        }
    }


def _hash_models(state: RunState) -> dict[str, str]:
    """A hash of every file that the recipe names, and of the models it uses without naming them."""
    recipe = state.recipe
    models = {
        **{path.name: storage.sha256(path.read_bytes()) for path in of_settings(recipe.identify).model_paths},
        "tokenizer": tokenizers.load(recipe.tokenise.tokenizer).sha256,
    }
    if recipe.quality is not None:
        model = Path(recipe.quality.get("model_path") or SHIPPED_MODEL)
        models["quality"] = storage.sha256(model.read_bytes())
        for name, settings in (recipe.quality.get("models") or {}).items():
            path = settings.get("path") if isinstance(settings, dict) else None
            if isinstance(path, str) and os.path.isfile(path):  # what else it may be, the filter says
                models[f"quality.models.{name}.path {path}"] = storage.sha256(Path(path).read_bytes())
            elif is_transformer(settings):
                models |= _hash_classifier(name, settings)
    if recipe.block:
        models |= {f"block list {name}": fingerprint([locate(name)]) for name in recipe.block.lists}
        models |= {f"allow list {name}": fingerprint([locate_allowed(name)]) for name in recipe.block.allow}
        for words in (recipe.block.hard_words, recipe.block.soft_words):
            if words and words != "shipped":
                models[f"words {words}"] = storage.sha256(Path(words).read_bytes())
    models |= {f"decisions {name}": storage.sha256(Path(name).read_bytes()) for name in recipe.decisions}
    if recipe.domains:
        models |= {f"listed sites {name}": fingerprint([locate(name)]) for name in recipe.domains.listed}
        for each in recipe.domains.classifiers:
            models |= _hash_files("classifier", model_files(Path(each.path)))
    test_sets = (recipe.heuristics or {}).get(DecontaminationFilter.name, {}).get("sets")
    if isinstance(test_sets, dict):
        files = {(name, file) for name, path in test_sets.items() for file in files_of(str(path))}
        models |= {f"test set {name} {file}": storage.sha256(file.read_bytes()) for name, file in sorted(files)}
    for key, path in _named_files("", as_dict(recipe)):
        models.setdefault(f"{key} {path}", storage.sha256(Path(path).read_bytes()))
    return models


def _hash_classifier(name: str, settings: dict[str, Any]) -> dict[str, str]:
    try:
        files = score_of_recipe(name, settings).model_paths
    except (ValueError, TypeError) as error:
        raise NotReady(f"quality: {error}") from error
    return _hash_files(f"quality.models.{name}.path", files)


def _hash_files(what: str, files: Iterable[Path]) -> dict[str, str]:
    found = {}
    for path in files:
        with path.open("rb") as file:  # may be gigabytes
            found[f"{what} {path}"] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _named_files(key: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every file that is a setting of the recipe or in a list of one, after the setting's key."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _named_files(f"{key}.{name}" if key else name, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named_files(key, inner)
    elif isinstance(value, str) and os.sep in value and os.path.isfile(value):
        yield key, value


def check_same_run(state: RunState, plan: dict[str, Any]) -> None:
    """Raises :class:`NotReady` where the output folder holds another run, or something else."""
    if storage.size(plan_path(state.dir)) is None:
        if any(storage.files_in_batches(state.dir)):
            raise NotReady(f"--output {state.dir} holds files of something else; name an empty folder or a new one")
        return
    if json_pieces.is_same(plan_path(state.dir), plan, sort_keys=False):
        return
    try:
        earlier = json_pieces.without(plan_path(state.dir), "inputs")
    except ValueError:
        return  # killed while writing it: no phase had begun
    if earlier.get("layout") != LAYOUT:
        raise NotReady(
            f"--output {state.dir} holds a run of another version of gristmill, whose files this one doesn't know; "
            f"continue it with that version, or name a new folder"
        )
    if earlier.get("base") != plan.get("base"):
        raise NotReady(
            f"--output {state.dir} holds a run that goes on from another one, or from none; name a new folder"
        )
    difference = (
        _other_settings("recipe", earlier["recipe"], plan["recipe"])
        or _other_settings("models", earlier["models"], plan["models"])
        or _other_inputs(plan_path(state.dir), plan["inputs"])
    )
    if difference:
        raise NotReady(
            f"--output {state.dir} holds a run with {difference}; continue it with the recipe and inputs it began with, "
            f"or name a new folder"
        )


def _other_inputs(earlier: str, now: Iterable[dict[str, Any]]) -> str | None:
    """How the inputs of two plans differ, of which one is the file ``earlier``. Both are in the order of their paths."""
    before = after = changed = 0
    first: str | None = None
    differ = False
    for old, new in zip_longest(json_pieces.entries(earlier, "inputs"), now):
        before += old is not None
        after += new is not None
        if old != new:
            differ = True
            if old and new and old["path"] == new["path"]:
                changed, first = changed + 1, first or new["path"]
    if changed and before == after:
        return f"other inputs ({changed} have changed since, the first of them {first})"
    return f"other inputs ({before} files then, {after} now)" if differ else None


def _other_settings(what: str, earlier: dict[str, Any], now: dict[str, Any]) -> str | None:
    # As text: the order of heuristics says which of them gives the reason.
    if json.dumps(earlier) == json.dumps(now):
        return None
    now = json.loads(json.dumps(now))
    names = [name for name in {**earlier, **now} if json.dumps(earlier.get(name)) != json.dumps(now.get(name))]
    if what == "models":
        return f"other files that the recipe names ({', '.join(names)})"
    same = [name for name in names if earlier.get(name) == now.get(name)]
    ordered = f"; in {', '.join(same)} it is the order" if same else ""
    return f"another recipe (it differs in {', '.join(names)}{ordered})"


def _check_names(key: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise NotReady(f"{key} names {name!r}; there are {', '.join(known)}")


def _check_models(state: RunState) -> None:
    recipe = state.recipe
    parsers.require(recipe.extract.parser, recipe.extract.alt_text)
    of_settings(recipe.identify).identify("The model is read once, so that a missing one is noticed now.")
    if recipe.block:
        Blocker(**vars(recipe.block))
    if recipe.domains:
        page_evidence(recipe.domains)
        if recipe.domains.listed:
            load_lists(recipe.domains.listed)
    if recipe.redact:
        Redactor(recipe.redact.regions, recipe.redact.kinds)
    read_decisions(recipe.decisions)
    filters = [_checked_filter(f"heuristics.{name}", name, it) for name, it in (recipe.heuristics or {}).items()]
    if recipe.quality is not None:
        filters.append(_checked_filter("quality", "quality", recipe.quality))
    for name, count in Counter(filters).items():
        if count > 1:
            raise NotReady(
                f"{count} filters of heuristics call themselves {name!r}; scores are stored under that name"
            )
    tokenizers.load(recipe.tokenise.tokenizer)
    if recipe.mix:
        for name in recipe.mix.targets:
            if name not in CLASSES:
                raise NotReady(f"mix.targets names the class {name!r}; there are {', '.join(CLASSES)}")


def _checked_filter(key: str, name: str, settings: dict) -> str:
    """The name under which the filter's scores are stored."""
    try:
        return make_filter(name, settings, {}).name
    except (ValueError, TypeError) as error:
        raise NotReady(f"{key}: {error}") from error


def _check_disk(state: RunState, inputs: Sequence[InputFile]) -> None:
    free = storage.free_bytes(state.dir)
    if free is None:
        return
    needed = 0.0
    for file in inputs:
        if file.limit is None:
            kind = "warc" if "warc" in file.path.lower() and ".wet" not in file.path.lower() else "text"
            needed += (file.bytes or 0) * _OUTPUT_PER_INPUT_BYTE[kind]
    if needed > free:
        raise NotReady(
            f"the run will write some {_amount(needed)}, and {_amount(free)} are free for "
            f"--output {state.dir}; make room, name another disk, or give fewer inputs"
        )


def _amount(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
