"""The tokenizer of an imported model, from the model's directory into the run and back."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tokens.tokenizer import TokenizerInfo, load
from trainer.checkpoint import run_tokenizer
from trainer.errors import TrainerError

OTHER = TokenizerInfo("shards", "cd" * 32, 512, 1, 2)


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{base64.b64encode(bytes([i])).decode()} {i}\n" for i in range(256)))
    return path


def test_it_is_found_where_models_have_it(tmp_path: Path) -> None:
    assert run_tokenizer.find(tmp_path) is None
    inner = write(tmp_path / "original" / "tokenizer.model")
    found = run_tokenizer.find(tmp_path)
    assert found is not None and found.spec == str(inner)
    own = write(tmp_path / "tokenizer.model")
    found = run_tokenizer.find(tmp_path)
    assert found is not None and found.spec == str(own)
    (tmp_path / "tokenizer.json").write_text("{}")  # none that we read; the next is taken
    found = run_tokenizer.find(tmp_path)
    assert found is not None and found.spec == str(own)


def test_it_is_kept_with_what_shards_say_of_it_and_loaded_again(tmp_path: Path) -> None:
    assert run_tokenizer.kept_info(tmp_path) is None and run_tokenizer.load_kept(tmp_path) is None
    tokenizer = load(str(write(tmp_path / "model" / "tokenizer.model")))
    run_tokenizer.keep(tmp_path / "run", tokenizer, OTHER)
    run_tokenizer.keep(tmp_path / "run", tokenizer, OTHER)  # a second time is no harm
    assert run_tokenizer.kept_info(tmp_path / "run") == OTHER
    again = run_tokenizer.load_kept(tmp_path / "run")
    assert again is not None and again.sha256 == tokenizer.sha256
    file = tmp_path / "run" / "tokenizer" / "tokenizer.model"
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(TrainerError, match="is not the file that was imported"):
        run_tokenizer.load_kept(tmp_path / "run")
    file.unlink()
    with pytest.raises(TrainerError, match="is not the file that was imported"):
        run_tokenizer.load_kept(tmp_path / "run")
    (tmp_path / "run" / "tokenizer" / "info.json").write_text("{")
    with pytest.raises(TrainerError, match="info.json cannot be read .* Import the model again"):
        run_tokenizer.kept_info(tmp_path / "run")


def test_one_that_is_built_in_is_kept_as_its_file(tmp_path: Path) -> None:
    run_tokenizer.keep(tmp_path, load(), load().info)
    again = run_tokenizer.load_kept(tmp_path)
    assert again is not None and again.sha256 == load().sha256


def test_the_file_of_an_export_is_known_for_what_it_was_made_from(tmp_path: Path) -> None:
    tokenizer = load(str(write(tmp_path / "tokenizer.model")))
    assert run_tokenizer.described(tokenizer) == tokenizer.info
    entry = run_tokenizer.export_entry(OTHER, (tmp_path / "tokenizer.model").read_bytes())
    config = tmp_path / "tokenizer_config.json"
    config.write_text(json.dumps(entry))
    assert run_tokenizer.described(tokenizer) == OTHER
    config.write_text(json.dumps(run_tokenizer.export_entry(OTHER, b"another file")))
    assert run_tokenizer.described(tokenizer) == tokenizer.info
