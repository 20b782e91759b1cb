"""The command line as a person meets it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gristmill.cli import main


def test_help_names_every_command_and_loads_neither_beam_nor_torch():
    code = (
        "import sys\n"
        "from gristmill.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "assert not {'apache_beam', 'torch'} & set(sys.modules), 'too much imported'"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for command in ("run", "why", "sample", "demo", "tokenizer", "train"):
        assert f"\n    {command} " in shown


def test_sample_run_why_and_tokenizer(tmp_path, capsys):
    crawl, output = tmp_path / "crawl", tmp_path / "out"
    assert main(["sample", str(crawl)]) == 0
    log = tmp_path / "run.log"
    logged = ["--log", str(log), "--max-failed", "50%"]
    arguments = ["--input", str(crawl / "sample-0000[01].warc.gz"), "--output", str(output)]
    assert (
        main(["run", "llama3", *arguments, "--set", "extract.parser=resiliparse", "--runner=DirectRunner", *logged])
        == 0
    )
    shown = capsys.readouterr()
    assert "records read" in shown.out and "kept" in shown.out and str(output) in shown.out
    assert "ms a record" in shown.out and "records a second" in shown.out
    assert f"Report: {output}/report.html" in shown.out and (output / "report.html").stat().st_size > 10_000
    assert "phase extract begins" in log.read_text() and "extract (1 of 10): " in log.read_text()
    assert "DirectRunner is taken as --runner=FnApiRunner" in shown.err

    assert main(["why", str(output), "https://nowhere.example/"]) == 1
    assert "has never seen" in capsys.readouterr().err

    tokenizer = tmp_path / "tokenizer.json"
    assert main(["tokenizer", "train", str(output), "--output", str(tokenizer), "--vocab-size", "600"]) == 0
    from tokens.tokenizer import load

    trained = load(str(tokenizer))
    assert trained.decode(trained.encode("The mill grinds — 粉.")) == "The mill grinds — 粉."


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["run", "llama4", "--input", "x", "--output", "y"], 1, "there is no recipe 'llama4'"),
        (["run", "llama3", "--input", "nowhere/*.gz", "--output", "y"], 1, "names no file"),
        (["run", "llama3", "--input", "x", "--output", "y", "--workers", "0"], 1, "--workers is 0"),
        (
            ["run", "llama3", "--input", "x", "--output", "y", "--set", "lines.max_counts=3"],
            1,
            "did you mean max_count",
        ),
        (["run", "llama3", "--input", "x", "--output", "y", "--log", "no/such.log"], 1, "--log no/such.log can't be"),
        (["why", "nowhere", "https://a.example/"], 1, "holds no finished run"),
        (["estimate", "llama3", "--input", "nowhere/*.gz"], 1, "names no file"),
        (["estimate", "llama3", "--input", "x", "--share", "2"], 1, "--share is 2.0"),
    ],
)
def test_mistakes_get_a_sentence(arguments, status, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == status
    shown = capsys.readouterr().err
    assert shown.startswith("gristmill: ") and message in shown and "Traceback" not in shown


def test_an_option_of_another_command_is_refused():
    with pytest.raises(SystemExit) as stop:
        main(["sample", "out", "--runner=FnApiRunner"])
    assert stop.value.code == 2


def test_what_a_worker_raised_is_one_sentence(monkeypatch, capsys):
    text = """Traceback (most recent call last):
  File "worker.py", line 3, in process
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "worker.py", line 9, in process
OSError: [Errno 28] No space left on device: 'out/work/a.parquet' [while running 'work']
"""

    def fail(*arguments):
        raise RuntimeError(text)

    monkeypatch.setattr("gristmill.commands.why", fail)
    assert main(["why", "run", "page"]) == 1
    shown = capsys.readouterr().err
    assert shown == (
        "gristmill: [Errno 28] No space left on device: the disk of --output is full, or a file may not grow; make room, and the "
        "same command continues\n"
    )
    text = text.replace("OSError: [Errno 28] No space left on device", "ValueError: no table")
    assert main(["why", "run", "page"]) == 1
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1 and "a worker failed: ValueError: no table: 'out/work/a.parquet'; the same" in shown


def test_a_worker_that_is_gone_is_one_sentence(monkeypatch, capsys):
    def fail(*arguments):
        raise RuntimeError("Channel closed prematurely.")

    monkeypatch.setattr("gristmill.commands.why", fail)
    assert main(["why", "run", "page"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("gristmill: a worker has ended") and shown.endswith("the same command continues\n")
