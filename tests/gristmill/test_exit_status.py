"""The exit statuses that docs/running.md lists, as a script meets them. 130 and 143 are test_interruption's."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from gristmill.cli import main
from gristmill.options import failure_limit
from pipeline.storage_errors import StoreUnusable
from tests.review.runs import kept, published, rejected

OF_RUNS = {"clock_struck": 0, "failed": {}}


@pytest.fixture
def ends_as(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """``gristmill run`` whose run is one that was made by hand: its exit status."""

    def end(*options: str, **rows: Any) -> int:
        folder = published(tmp_path / "out", recipe={"output": {"report": False}}, **rows)
        ledger = json.loads(Path(folder, "ledger.json").read_text()) | OF_RUNS
        monkeypatch.setattr("pipeline.driver.run", lambda *arguments: ledger)
        return main(["run", "llama3", "--input", "x", "--output", folder, "--progress", "none", *options])

    return end


def failures(count: int) -> list[dict[str, Any]]:
    return [{"name": f"f{n}", "error": f"torn record (crawl-{n % 2}.warc at byte {n})"} for n in range(count)]


def test_done_is_0_and_nothing_kept_is_3(ends_as, capsys) -> None:
    assert ends_as(documents=[kept("a")]) == 0
    assert ends_as(rejected=[rejected("a", "lines", "too_short")]) == 3
    assert "Nothing was kept" in capsys.readouterr().out


def test_more_failures_than_allowed_are_3_with_a_sentence(ends_as, capsys) -> None:
    assert ends_as(documents=[kept("a")], failed=failures(3)) == 0
    shown = capsys.readouterr()
    assert "torn record, in 2 files, such as crawl-0.warc" in " ".join(shown.out.replace("│", " ").split())
    assert ends_as("--max-failed", "3", documents=[kept("a")], failed=failures(3)) == 0
    assert ends_as("--max-failed", "2", documents=[kept("a")], failed=failures(3)) == 3
    assert "gristmill: 3 of 4 records failed, and --max-failed allows 2;" in capsys.readouterr().err
    assert ends_as("--max-failed", "75%", documents=[kept("a")], failed=failures(3)) == 0
    assert ends_as("--max-failed", "74.9%", documents=[kept("a")], failed=failures(3)) == 3
    assert "allows 74.9%" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("the recipe is wrong"), 1),
        (OSError(28, "No space left on device"), 1),
        (ImportError("Install s3fs to access S3"), 4),
        (StoreUnusable("the store denies access, in another process [while running 'work']"), 4),
        (KeyboardInterrupt(), 130),
    ],
)
def test_errors_have_a_sentence_and_a_status(
    error: BaseException, status: int, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    def fail(*arguments: Any) -> None:
        raise error

    monkeypatch.setattr("pipeline.driver.run", fail)
    assert main(["run", "llama3", "--input", "x", "--output", "y", "--progress", "none"]) == status
    shown = capsys.readouterr().err
    assert shown.startswith("gristmill: ") and shown.count("\n") == 1 and "while running" not in shown


@pytest.mark.parametrize(
    "options", [["--max-failed", "some"], ["--max-failed", "0.5"], ["--progress", "dots"], ["--x"]]
)
def test_a_call_that_is_not_understood_is_2(options: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(
            ["status", "y", *options]
            if options == ["--x"]
            else ["run", "llama3", "--input", "x", "--output", "y", *options]
        )
    assert stop.value.code == 2


def test_limits_of_failures() -> None:
    assert failure_limit("100").allowed(10**6) == 100 and failure_limit("0.5%").allowed(1000) == 5
    with pytest.raises(argparse.ArgumentTypeError, match="no number of records"):
        failure_limit("-1")
