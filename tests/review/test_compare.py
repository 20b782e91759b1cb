"""Two runs side by side: every record that ended otherwise is in one cell, and a run equals itself."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gristmill.cli import main
from review import compare_views
from review.compare import ABSENT, compare_runs
from tests.review.runs import kept, published, rejected

FATES = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.lists(st.sampled_from(["kept", "lines/short", "quality/low"]), min_size=1, max_size=2),
)


def of_fates(folder: Path, fates: dict[str, list[str]], **more) -> str:
    documents = [kept(name) for name, outcomes in fates.items() for outcome in outcomes if outcome == "kept"]
    others = [
        rejected(name, *outcome.split("/"))
        for name, outcomes in fates.items()
        for outcome in outcomes
        if outcome != "kept"
    ]
    return published(folder, documents=documents, rejected=others, **more)


def test_a_run_equals_itself(tmp_path: Path) -> None:
    run = published(
        tmp_path, documents=[kept("a"), kept("b")], rejected=[rejected("c", "lines", "too_short")],
        failed=[{"name": "d", "error": "torn"}],
    )  # fmt: skip
    found = compare_runs(run, run)
    assert found.equal and found.joined_by == "id"
    assert found.matrix == {("kept", "kept"): 2, ("lines/too_short",) * 2: 1, ("failed", "failed"): 1}
    assert not found.settings and not found.versions and not found.books


def test_what_ended_otherwise_is_counted_by_cell_with_samples(tmp_path: Path) -> None:
    one = published(
        tmp_path / "a", recipe={"lines": {"max_count": 6}}, shards=2,
        documents=[kept("a"), kept("b", "one text"), kept("c")], rejected=[rejected("d", "lines", "too_short")],
    )  # fmt: skip
    other = published(
        tmp_path / "b", recipe={"lines": {"max_count": 3}}, shards=3,
        documents=[kept("a"), kept("b", "another text", **{"class": "code"}), kept("d"), kept("e")],
        rejected=[rejected("c", "quality", "low")],
    )  # fmt: skip
    found = compare_runs(one, other)
    assert not found.equal
    assert found.settings == [("lines.max_count", 6, 3)]
    assert found.matrix == {
        ("kept", "kept"): 2, ("kept", "quality/low"): 1, ("lines/too_short", "kept"): 1, (ABSENT, "kept"): 1,
    }  # fmt: skip
    assert found.samples["kept", "quality/low"] == ["https://c.example/"]
    assert found.changed == {"text": 1, "class": 1}
    assert found.changed_samples["class"] == ["https://b.example/"]


@settings(max_examples=25, deadline=None)
@given(FATES, FATES)
def test_cells_count_every_record_of_both_runs(tmp_path_factory, before, after) -> None:
    folder = tmp_path_factory.mktemp("runs")
    found = compare_runs(of_fates(folder / "a", before, shards=2), of_fates(folder / "b", after))
    for side, fates in enumerate((before, after)):
        counted: Counter[str] = Counter()
        for cell, count in found.matrix.items():
            counted[cell[side]] += count
        counted.pop(ABSENT, None)
        assert counted == Counter(outcome for outcomes in fates.values() for outcome in outcomes)
    assert found.equal == ({k: sorted(v) for k, v in before.items()} == {k: sorted(v) for k, v in after.items()})


def test_runs_of_other_inputs_are_joined_by_address(tmp_path: Path) -> None:
    one = published(tmp_path / "a", documents=[kept("x", url="http://www.mill.example/grain/", id="1" * 32)])
    other = published(
        tmp_path / "b",
        inputs="b",
        rejected=[rejected("y", "quality", "low", url="https://mill.example/grain", id="2" * 32)],
    )
    found = compare_runs(one, other)
    assert found.joined_by == "url" and found.matrix == {("kept", "quality/low"): 1}


def test_inputs_that_were_read_in_stretches_are_told_by_those(tmp_path: Path) -> None:
    runs = []
    for name, digests in (("a", "xy"), ("b", "xy"), ("c", "xz")):
        runs.append(published(tmp_path / name, documents=[kept("a")]))
        about = json.loads((tmp_path / name / "run.json").read_text())
        stretches = [{"start": start, "sha256": digest} for start, digest in enumerate(digests)]
        about["inputs"] = [{"path": f"{name}.warc.gz", "stretches": stretches}]
        (tmp_path / name / "run.json").write_text(json.dumps(about))
    same, another = compare_runs(runs[0], runs[1]), compare_runs(runs[0], runs[2])
    assert same.joined_by == "id" and not same.inputs and same.equal
    assert another.joined_by == "url" and another.inputs == [("a.warc.gz", "x y", None), ("c.warc.gz", None, "x z")]
    assert "Inputs, by sha256, that differ:" in list(compare_views.lines(another))


def test_a_setting_in_a_section_that_had_none_is_one_difference(tmp_path: Path) -> None:
    one = published(tmp_path / "a", recipe={"quality": {}, "mix": None})
    other = published(tmp_path / "b", recipe={"quality": {"min_content": 0.1}, "mix": None})
    assert compare_runs(one, other).settings == [("quality.min_content", None, 0.1)]


def test_tokens_are_counted_by_language_and_class(tmp_path: Path) -> None:
    def tokens(name: str, count: int, language: str) -> dict:
        row = {"tokens": [1] * count, "language": language, "class": "general", "split": "train", "weight": 1.0}
        return {"name": name, **row}

    one = published(
        tmp_path / "a", shards=2, documents=[kept("a")], tokens=[tokens("a", 3, "en"), tokens("b", 4, "de")]
    )
    other = published(tmp_path / "b", documents=[kept("a")], tokens=[tokens("a", 5, "en")])
    assert compare_runs(one, other).tokens == [
        ("class.general", 7, 5),
        ("language.de", 4, None),
        ("language.en", 3, 5),
    ]


def test_the_command_says_by_its_status_whether_runs_are_equal(tmp_path: Path, capsys) -> None:
    one = published(tmp_path / "a", documents=[kept("a")])
    other = published(tmp_path / "b", rejected=[rejected("a", "quality", "low")])
    assert main(["compare", one, one]) == 0
    assert "Equal: all 1 records ended alike." in capsys.readouterr().out
    assert main(["compare", one, other, "--json"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert said["moved"] == [{"a": "kept", "b": "quality/low", "records": 1, "samples": ["https://a.example/"]}]
    assert main(["compare", one, str(tmp_path / "nothing")]) == 1
    assert "holds no finished run" in capsys.readouterr().err


def test_addresses_are_no_markup_on_the_page(tmp_path: Path) -> None:
    hostile = "https://x.example/</script><img src=x onerror=alert(1)>"
    one = published(tmp_path / "a", documents=[kept("a", url=hostile)])
    other = published(tmp_path / "b", rejected=[rejected("a", "quality", "low", url=hostile)])
    written = compare_views.as_page(compare_runs(one, other))
    assert "&lt;img src=x" in written and "<img" not in written and "default-src 'none'" in written


@pytest.mark.parametrize("shards", [1, 4])
def test_text_says_each_cell_once(tmp_path: Path, shards: int) -> None:
    one = published(tmp_path / "a", documents=[kept(name) for name in "abcdef"], shards=shards)
    other = published(tmp_path / "b", rejected=[rejected(name, "quality", "low") for name in "abcdef"], shards=shards)
    shown = list(compare_views.lines(compare_runs(one, other)))
    assert [line.split() for line in shown if "->" in line and "kept" in line and "/" in line] == [
        ["6", "kept", "->", "quality/low"]
    ]
    assert sum(".example/" in line for line in shown) == 5
