"""The tables of bench.extraction on a pack of two pages whose right figures are known, and its measuring child."""

from __future__ import annotations

import json
import math
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from bench import extraction
from bench.extraction_child import MeasuringChild
from bench.extraction_limits import hostile_pages, nasty, synthetic_page
from bench.extraction_recipes import recipes
from bench.extraction_score import Pack, differences, load_scorer, run
from bench.extraction_speed import STAGES, interleaved, profile, ratio
from bench.extraction_tools import RIVALS, Contestant, Page, rivals

ALPHABET = "alfa bravo charlie delta echo foxtrot golf hotel india juliett"
CODE = "if ready:\n    go()"


@pytest.fixture
def scorer():
    try:
        return load_scorer()
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Page ``whole`` has prose alone, page ``code`` one block of code of two lines as well."""
    (tmp_path / "pages").mkdir()
    gold = [
        {"id": "whole", "url": "", "source": "made", "text": ALPHABET},
        {"id": "code", "url": "", "source": "made", "text": f"{ALPHABET}\n{CODE}", "code": [CODE]},
    ]
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(page) + "\n" for page in gold), "utf-8")
    for page in gold:
        (tmp_path / "pages" / f"{page['id']}.html").write_text(f"<p>{page['text']}</p>", "utf-8")
    return tmp_path


def half(page: Page) -> str:
    """Half the words of one page, and of the other the first line of its code alone."""
    return " ".join(ALPHABET.split()[:5]) if page.id == "whole" else "if ready:"


def test_figures_of_a_known_extractor(folder: Path, scorer) -> None:
    pack = Pack(folder, scorer)
    figures = run(pack, [Contestant("half", "", half)])["half"].summary()
    # Words: 5 of 10, all right: 2/3; then 2 of 13 (10, and if, ready, go): 4/15. Their mean:
    assert figures["made"]["wF"] == pytest.approx((2 / 3 + 4 / 15) / 2)
    # Shingles of 4 words: 2 of 7, precise; then one of two words that isn't in the gold at all.
    precision, recall = (1 + 0) / 2, (2 / 7 + 0) / 2
    assert figures["made"]["shF"] == pytest.approx(2 * precision * recall / (precision + recall))
    assert figures["made"]["code="] == 0.5
    assert figures["all"]["wF"] == figures["neutral"]["wF"] == figures["made"]["wF"]
    assert (figures["all"]["err"], figures["all"]["empty"]) == (0, 0)


def test_an_extractor_that_raises_scores_nothing_and_is_counted(folder: Path, scorer) -> None:
    def fail(page: Page) -> str:
        raise KeyError(page.id)

    result = run(Pack(folder, scorer), [Contestant("fail", "", fail)])["fail"]
    figures = result.summary()["all"]
    assert (figures["wF"], figures["err"], figures["empty"]) == (0, 2, 2)
    assert sum(result.errors.values()) == 2


def test_differences_are_ours_minus_theirs_and_lie_in_their_interval(folder: Path, scorer) -> None:
    results = run(
        Pack(folder, scorer), [Contestant("all", "", lambda page: page.source[3:-4]), Contestant("half", "", half)]
    )
    found = differences(results["all"], results["half"], scorer)
    figures = {name: result.summary()["made"] for name, result in results.items()}
    for measure in ("wF", "shF"):
        difference, low, high = found["made"][measure]
        assert difference == pytest.approx(figures["all"][measure] - figures["half"][measure])
        assert 0 < low <= difference <= high
        assert found["mean"][measure] == found["made"][measure]
    reverse = differences(results["half"], results["all"], scorer)["made"]["wF"]
    assert reverse[0] == pytest.approx(-found["made"]["wF"][0])
    assert differences(results["half"], results["half"], scorer)["made"]["shF"] == (0, 0, 0)


def test_the_command_prints_and_writes_the_same_figures(
    folder: Path, scorer, tmp_path: Path, monkeypatch, capsys
) -> None:
    stored = tmp_path / "half.jsonl"
    stored.write_text(
        "".join(json.dumps({"id": i, "text": half(Page(i, "", b"", ""))}) + "\n" for i in ("whole", "code"))
    )
    written = tmp_path / "figures.json"
    options = ["--tools", "", "--stored", f"half={stored}", "--speed", "2", "--against", "--worst", "1"]
    options += ["--parser", "resiliparse", "--json", str(written)]
    monkeypatch.setattr(sys, "argv", ["extraction", str(folder), *options])
    extraction.main()
    printed = capsys.readouterr().out
    figures = json.loads(written.read_text())
    assert f"{figures['tools']['half']['made']['wF']:.3f}" == "0.467"
    assert ["half", "0.467", "0.467"] in [line.split() for line in printed.splitlines()]
    assert [row["id"] for row in figures["worst"]["made"]] == ["code"]
    assert list(figures["speed"]) == ["resiliparse"]  # stored texts have no speed


def test_a_pack_that_is_none_and_an_unknown_source_are_named(folder: Path, scorer, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is no pack"):
        Pack(tmp_path / "elsewhere", scorer)
    with pytest.raises(ValueError, match="its sources are made"):
        Pack(folder, scorer, ["other"])


def test_absent_rivals_are_named_with_the_line_that_brings_them(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "goose3", None)  # as if it weren't installed
    present, absent = rivals(["resiliparse", "goose3"])
    assert [tool.name for tool in present] == ["resiliparse"]
    (sentence,) = absent
    assert sentence.startswith("goose3 takes no part") and f"pip install {RIVALS['goose3'].packages}" in sentence
    with pytest.raises(ValueError, match="no rival called 'goose'"):
        rivals(["goose"])


def test_speed_ratio_is_of_total_time() -> None:
    found = ratio(np.array([2.0, 6.0, 4.0]), np.array([1.0, 1.0, 1.0]))
    assert (found["total"], found["median"]) == (4.0, 4.0)
    assert 2 <= found["low"] <= 4 <= found["high"] <= 6


def test_every_contestant_is_timed_on_every_page_and_stages_add_up() -> None:
    pages = [Page(str(n), "", b"<p>%d</p>" % n, f"<p>{n}</p>") for n in range(5)]
    seen: dict[str, list[str]] = {"one": [], "two": []}

    def contestant(name: str) -> Contestant:
        return Contestant(name, "", lambda page: seen[name].append(page.id))

    seconds = interleaved([contestant("one"), contestant("two")], pages)
    assert seen["one"][1:] == seen["two"][1:] == ["0", "1", "2", "3", "4"]  # after one page to warm up
    assert all(len(values) == 5 and (values > 0).all() for values in seconds.values())
    assert list(profile("resiliparse", pages)) == [*(name for name, _ in STAGES), "rest"]


@pytest.mark.parametrize("shape", ["flat", "nested"])
def test_synthetic_pages_have_the_size_asked_for(shape: str) -> None:
    page = synthetic_page(50_000, shape)
    assert page == synthetic_page(50_000, shape)
    assert 50_000 <= len(page) <= 53_000
    assert page.count(b"<div") == page.count(b"</div>")


def test_nesting_grows_with_size_in_nested_pages_alone() -> None:
    levels = [synthetic_page(size, "nested").count(b'<div class="level">') for size in (20_000, 40_000)]
    assert levels[1] == pytest.approx(2 * levels[0], rel=0.1)
    assert b'class="level"' not in synthetic_page(20_000, "flat")


@pytest.fixture
def odd_parser(tmp_path: Path, monkeypatch) -> str:
    """A parser that does what a page says."""
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "parser.py").write_text(
        "import os\n"
        "from parsers.extracted import Extracted\n"
        "def extract(html, url, content_type):\n"
        "    if html == b'raise': raise RuntimeError('as told')\n"
        "    if html == b'die': os._exit(3)\n"
        "    if html == b'grow': memory = b'x' * 60_000_000\n"
        "    print('noise')\n"
        "    return Extracted(html.decode())\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return "odd.parser"


def test_the_child_measures_and_outlives_any_page(odd_parser: str) -> None:
    with MeasuringChild(odd_parser) as child:
        plain, raised, died, grown = (child.measure(html, 2) for html in (b"text", b"raise", b"die", b"grow"))
    assert (plain.characters, plain.error) == (4, "") and plain.seconds < 1 and plain.memory < 10_000_000
    assert raised.error == "RuntimeError: as told"
    assert math.isnan(died.seconds) and "exit status 3" in died.error
    assert grown.error == "" and 50_000_000 < grown.memory < 80_000_000


def test_a_parser_that_does_not_start_is_no_death_of_a_page() -> None:
    with MeasuringChild("no.such.parser") as child, pytest.raises(ValueError, match="doesn't start"):
        child.measure(b"<p>")


def test_hostile_pages_are_files_members_and_cases(tmp_path: Path, odd_parser: str) -> None:
    nasties = tmp_path / "nasty"
    (nasties / "html").mkdir(parents=True)
    (nasties / "text").mkdir()
    (nasties / "html" / "cases.dat").write_bytes(
        b"#data\n<p>One\n#errors\n(1,3)\n#document\n\n#data\n<p>Two\n#errors\n"
    )
    (nasties / "text" / "bad").write_bytes(b"raise")
    with tarfile.open(nasties / "html" / "more.tar.gz", "w:gz") as archive:
        archive.add(nasties / "text" / "bad", "inner")
    pages = dict(hostile_pages(nasties))
    assert list(pages) == [
        "html/cases.dat", "html/cases.dat#0", "html/cases.dat#1", "html/more.tar.gz!inner", "text/bad",
    ]  # fmt: skip
    assert pages["html/cases.dat#1"] == b"<p>Two"
    found = nasty(odd_parser, nasties)
    assert (found["pages"], len(found["raised"]), found["died"], found["slow"]) == (5, 2, [], [])


def test_the_command_shows_growth_and_what_hostile_pages_did(
    tmp_path: Path, odd_parser: str, monkeypatch, capsys
) -> None:
    (tmp_path / "nasty" / "html").mkdir(parents=True)
    (tmp_path / "nasty" / "html" / "page").write_bytes(b"die")
    monkeypatch.setenv("GRISTMILL_DATA", str(tmp_path))
    monkeypatch.setattr("bench.extraction_limits.SIZES", (1_000, 4_000))
    monkeypatch.setattr(sys, "argv", ["extraction", "--parser", odd_parser, "--growth", "--nasty"])
    extraction.main()
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert sum(line[:1] in (["flat"], ["nested"]) for line in lines) == 4
    assert ["FAIL", "kill", "no", "process:", "1", "do"] in lines
    assert ["pass", "raise", "no", "exception"] in lines


def test_a_wrong_parser_is_one_sentence(monkeypatch) -> None:
    monkeypatch.setattr(sys, "argv", ["extraction", "--parser", "unheard-of", "--growth"])
    with pytest.raises(SystemExit, match="there is no parser called 'unheard-of'"):
        extraction.main()


def test_lines_of_recipes_are_counted_where_the_page_shows_them(tmp_path: Path) -> None:
    rows = [
        {"page": "a.html", "url": "", "ingredients": ["2 cups flour", "1/2 cup milk", "in no page"], "instructions": []},
        {"page": "b.html", "url": "", "ingredients": ["eggs", "salt"], "instructions": ["Beat the eggs until they foam."]},
    ]  # fmt: skip
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (tmp_path / "a.html").write_text("<li>2 <b>cups</b> flour<li>1/2 cup milk<script>in no page</script>", "utf-8")
    (tmp_path / "b.html").write_text("<li>Eggs<li>Salt<p>Beat the eggs until they foam.", "utf-8")
    found = recipes(
        tmp_path, [Contestant("first", "", lambda page: "2 cups\nflour" if page.id == "a.html" else "Beat")]
    )
    assert found["first"] == {"ingredients": 0.25, "instructions": 0.0, "all": 1, "some": 1}
