"""Layouts of test sets: what of an entry is a question, and what is said of files that hold none."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from filters.decontamination.questions import Question, files_of, read_questions


def read(folder: Path, name: str, text: str) -> list[tuple[str, tuple[str, ...]]]:
    (folder / name).write_text(text, "utf-8")
    return [(question.text, question.choices) for question in read_questions(str(folder / name))]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"question": "How many?", "answer": "#### 3"}, [("How many?", ())]),
        ({"question": "Which?", "choices": ["a", "b"], "answer": 1}, [("Which?", ("a", "b"))]),
        ({"question": "Which?", "choices": {"text": ["a", "b"], "label": ["A", "B"]}}, [("Which?", ("a", "b"))]),
        (
            {"passage": "Long ago.", "question": "Who?", "options": ["(A)x"], "label": "A"},
            [("Long ago.\nWho?", ("(A)x",))],
        ),
        ({"passage": None, "question": "Who?", "options": None, "answer": "7"}, [("Who?", ())]),
        ({"key": 1, "prompt": "Write it.", "kwargs": [{}]}, [("Write it.", ())]),
        ({"prompt": "def f():", "canonical_solution": "return 1"}, [("def f():", ()), ("return 1", ())]),
        ({"text": "Sum them.", "code": "def s(): ...", "test_list": []}, [("Sum them.", ()), ("def s(): ...", ())]),
        ({"problem": "Prove it.", "solution": "So."}, [("Prove it.", ())]),
        ({"input": "True or not", "target": "True"}, [("True or not", ())]),
    ],
)
def test_one_line_of_json(tmp_path: Path, row: dict, expected: list) -> None:
    assert read(tmp_path, "set.jsonl", json.dumps(row) + "\n") == expected


def test_tables(tmp_path: Path) -> None:
    assert read(tmp_path, "a.csv", '"Who, then?",w,x,y,z,C\n') == [("Who, then?", ("w", "x", "y", "z"))]
    assert read(tmp_path, "a.csv", "Who?,w,A\n\nWhat?,A,B,C,D,E,D\n") == [("Who?", ("w",)), ("What?", tuple("ABCDE"))]
    assert read(tmp_path, "b.csv", "question,choice0,choice1,answer\nWho?,w,x,1\n") == [("Who?", ("w", "x"))]
    assert read(tmp_path, "c.csv", "question,A,B,answer\nWho?,w,x,B\n") == [("Who?", ("w", "x"))]
    pq.write_table(pa.table({"question": ["Who?"], "choices": [["w", "x"]], "answer": [1]}), tmp_path / "d.parquet")
    assert read_questions(str(tmp_path / "d.parquet")) == [Question("Who?", ("w", "x"), "d.parquet:1")]


def test_text_and_tasks(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", "Who?\n\nWhat?\n") == [("Who?", ()), ("What?", ())]
    assert read(tmp_path, "b.json", '{"examples": [{"input": "Is it?", "target": "No"}]}') == [("Is it?", ())]
    assert read(tmp_path, "c.json", '[{"question": "Is it?"}]') == [("Is it?", ())]


def test_folders_and_patterns(tmp_path: Path) -> None:
    for name in ("b/two.txt", "a/one.txt", "a/readme.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Who?\n")
    assert [file.name for file in files_of(str(tmp_path))] == ["one.txt", "two.txt"]
    assert [file.name for file in files_of(str(tmp_path / "*" / "t*.txt"))] == ["two.txt"]


def test_mistakes_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="There is no test set at"):
        files_of(str(tmp_path / "none"))
    for name, text, said in [
        ("a.jsonl", '{"answer": 3}\n', "entry 1 has no text under any of question"),
        ("b.jsonl", "{\n", "can't be read"),
        ("c.csv", "one,two\n", "line 1 has 2 cells"),
        ("c.csv", "one,two,A\none\n", "line 2 has 1 cells"),
        ("d.txt", "\n", "holds no question"),
        ("e.parquet", "no table", "can't be read"),
        ("f.json", '{"rows": []}', "can't be read"),
    ]:
        with pytest.raises(ValueError, match=said):
            read(tmp_path, name, text)
