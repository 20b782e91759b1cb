from __future__ import annotations

from trainer.checkpoint import run_tokenizer, store
from trainer.checkpoint.convert import load_model
from trainer.posttraining import sft
from trainer.posttraining.settings import SftConfig


def test_it_learns_and_keeps_what_belongs_to_it(tmp_path, make_base, make_settings, dialogs, byte_tokenizer) -> None:
    base = make_base()
    summary = sft.train(make_settings(SftConfig, epochs=6, held_out=0.2), base, [dialogs], tmp_path / "run")
    assert summary.finished and summary.loss_end < summary.loss_start - 1
    assert summary.held_out_loss_end < summary.held_out_loss_start - 1
    assert run_tokenizer.load_kept(tmp_path / "run").sha256 == byte_tokenizer.sha256
    trained = load_model(tmp_path / "run")
    assert trained.length == 256 and trained.tokenizer == byte_tokenizer.info
    assert store.latest(tmp_path / "run").facts["identity"]["task"] == "sft"
