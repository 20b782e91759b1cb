"""What ``synthesize`` may be told, and what it hands on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.trainer.arguments import namespace, refusal, values
from tests.trainer.posttraining.conftest import write_rows
from trainer.errors import TrainerError
from trainer.posttraining.synthesize_commands import add_synthesize

SAMPLING = {
    "temperature": 1.0, "top_p": 1.0, "tokens": 1024, "seed": 0, "rows": 64, "tokens_in_flight": None, "tokenizer": None,
}  # fmt: skip
FILES = {"files": ["f"], "output": "o", "evaluation": []}
GENERATED = SAMPLING | FILES | {"source": "r", "endpoint": None, "model": None}
BACK = GENERATED | {"keep": 0.25, "allow_execution": False, "run": "run_back_translate"}
EXECUTE = GENERATED | {"allow_execution": False, "run": "run_execute"}
PARAPHRASE = GENERATED | {"pivot": None, "language": "English", "run": "run_paraphrase"}
SYNONYMS = FILES | {"lexicon": ["l"], "rate": 0.1, "seed": 0, "run": "run_synonyms"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("back-translate r --from f --output o", BACK),
        (
            "back-translate r --from f g --output o --keep 0.5 --allow-execution --evaluation e h --tokens 9",
            BACK | {"files": ["f", "g"], "keep": 0.5, "allow_execution": True, "evaluation": ["e", "h"], "tokens": 9},
        ),
        ("execute r --from f --output o", EXECUTE),
        ("execute r --from f --output o --allow-execution --seed 3", EXECUTE | {"allow_execution": True, "seed": 3}),
        ("paraphrase r --from f --output o", PARAPHRASE),
        (
            "paraphrase --endpoint u --model m --from f --output o --pivot French --language German",
            PARAPHRASE | {"source": None, "endpoint": "u", "model": "m", "pivot": "French", "language": "German"},
        ),
        ("synonyms --lexicon l --from f --output o", SYNONYMS),
        (
            "synonyms --lexicon l m --from f --output o --rate 0.5 --seed 3 --evaluation e",
            SYNONYMS | {"lexicon": ["l", "m"], "rate": 0.5, "seed": 3, "evaluation": ["e"]},
        ),
    ],
)
def test_what_the_commands_are_told(line: str, expected: dict[str, Any]) -> None:
    assert values(add_synthesize, f"synthesize {line}") == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "the following arguments are required: COMMAND"),
        ("execute r --output o", "required: --from"),
        ("paraphrase r --from f", "required: --output"),
        ("synonyms --from f --output o", "required: --lexicon"),
        ("paraphrase r --from f --output o --allow-execution", "unrecognized arguments: --allow-execution"),
    ],
)
def test_what_cannot_be_is_refused(line: str, words: str, capsys) -> None:
    assert words in refusal(add_synthesize, f"synthesize {line}", capsys)


def run(line: str) -> int:
    args = namespace(add_synthesize, f"synthesize {line}")
    return args.run(args)


ROOM = "trainer.posttraining.synthesize"


@pytest.fixture
def asked(monkeypatch) -> dict[str, Any]:
    """What each of the four was asked, in place of doing it."""
    found: dict[str, Any] = {}
    monkeypatch.setattr("trainer.posttraining.synthesize_commands.open_generator", lambda args: f"run {args.source}")
    monkeypatch.setattr(f"{ROOM}.snippets.EvaluationSets", lambda files: f"sets {' '.join(files)}")
    for module, name in (
        ("back_translation", "back_translate"),
        ("execution_feedback", "solve_with_feedback"),
        ("paraphrasing", "paraphrase"),
        ("synonyms", "add_synonyms"),
    ):
        monkeypatch.setattr(f"{ROOM}.{module}.{name}", lambda *rest, n=name: found.update({n: rest}) or {"rows": 2})
    return found


def told(capsys: pytest.CaptureFixture[str]) -> str:
    out = capsys.readouterr().out
    assert out.endswith('{\n "rows": 2\n}\n')
    return out.removesuffix('{\n "rows": 2\n}\n')


def test_descriptions_are_asked_for_functions(asked, tmp_path: Path, capsys) -> None:
    file = write_rows(tmp_path / "f.jsonl", [{"code": "def double(x):\n    return 2 * x\n", "name": "double"}])
    line = f"back-translate r --from {file} --output {tmp_path}/o --keep 0.5 --evaluation e"
    assert run(line) == 0 and told(capsys) == ""
    generator, (snippet,), output, keep, allowed, sets = asked["back_translate"]
    assert "2 * x" in snippet.code
    assert (generator, output, keep, allowed, sets) == ("run r", tmp_path / "o", 0.5, False, "sets e")
    assert run(f"{line} --allow-execution") == 0
    assert asked["back_translate"][4] is True
    assert "on this machine" in told(capsys)


def test_code_runs_only_where_that_is_allowed(asked, tmp_path: Path, capsys) -> None:
    row = {"problem": "Double a number in a function double.", "tests": [{"call": "double(2)", "expected": "4"}]}
    line = f"execute r --from {write_rows(tmp_path / 'f.jsonl', [row])} --output {tmp_path}/o"
    with pytest.raises(TrainerError, match="synthesize execute runs code and needs --allow-execution"):
        run(line)
    assert not asked
    assert run(f"{line} --allow-execution") == 0
    assert told(capsys) != ""
    generator, problems, output, sets = asked["solve_with_feedback"]
    assert (generator, len(problems), output, sets) == ("run r", 1, tmp_path / "o", "sets ")


def test_rows_are_paraphrased_by_way_of_a_language(asked, tmp_path: Path, capsys) -> None:
    rows = [{"prompt": "What turns the wheel?"}, {"prompt": ""}]
    line = f"paraphrase r --from {write_rows(tmp_path / 'f.jsonl', rows)} --output {tmp_path}/o --pivot French"
    assert run(line) == 0
    assert "Refused 1" in told(capsys)
    generator, sources, output, pivot, language, sets = asked["paraphrase"]
    assert len(sources) == 1
    assert (generator, output, pivot, language, sets) == ("run r", tmp_path / "o", "French", "English", "sets ")


def test_synonyms_come_from_a_lexicon(asked, tmp_path: Path, capsys) -> None:
    file = write_rows(tmp_path / "f.jsonl", [{"prompt": "What turns the wheel?"}])
    pairs = (("wheel", "disc"), ("disc", "wheel"))
    entries = [{"lemma": a, "count": 9, "senses": [{"share": 1.0, "synonyms": [b]}]} for a, b in pairs]
    lexicon = write_rows(tmp_path / "l.jsonl", entries)
    assert run(f"synonyms --lexicon {lexicon} --from {file} --output {tmp_path}/o --rate 0.5 --seed 3") == 0
    assert told(capsys) == ""
    sources, _, output, rate, seed, sets = asked["add_synonyms"]
    assert len(sources) == 1 and (output, rate, seed, sets) == (tmp_path / "o", 0.5, 3, "sets ")


def test_where_every_row_is_refused_nothing_is_done(asked, tmp_path: Path, capsys) -> None:
    file = write_rows(tmp_path / "f.jsonl", [{"prompt": ""}])
    with pytest.raises(TrainerError, match="Every row was refused"):
        run(f"paraphrase r --from {file} --output {tmp_path}/o")
    assert "Refused 1" in capsys.readouterr().out and not asked
    assert not (tmp_path / "o").exists()
