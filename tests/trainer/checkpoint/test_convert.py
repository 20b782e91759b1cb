"""Models in and out of runs: which length, scaling and tokenizer go along, and what is refused."""

from __future__ import annotations

import base64
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tokens.tokenizer import Tokenizer, load
from trainer.checkpoint import convert, run_tokenizer, store
from trainer.checkpoint.convert import checkpoint_of, export_model, find_tokenizer, import_model, load_model
from trainer.config.model_config import ModelConfig, RopeScaling
from trainer.errors import TrainerError
from trainer.model.llama import Llama

MODEL = ModelConfig(
    dim=16, num_layers=1, num_heads=2, num_kv_heads=1, ffn_size=16, vocab_size=512,
    rope_scaling=RopeScaling(factor=8, original_length=16),
)  # fmt: skip


def write_tokenizer(path: Path, first: int = 0) -> Tokenizer:
    ranks = [f"{base64.b64encode(bytes([(i + first) % 256])).decode()} {i}\n" for i in range(256)]
    path.write_text("".join(ranks))
    return load(str(path))


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    return write_tokenizer(tmp_path / "tokenizer.model")


def make_run(run: Path, kept: Tokenizer | None, **facts: Any) -> Llama:
    """A run with random weights, whose checkpoint has these ``facts``."""
    model = Llama(MODEL)
    model.init_weights(0)
    identity = {"model": dataclasses.asdict(MODEL.spelled_out())} | facts.pop("identity", {})
    store.save(run, 3, {"identity": identity} | facts, {"model": dict(model.named_parameters())}, keep=1)
    if kept:
        run_tokenizer.keep(run, kept, kept.info)
    return model


@pytest.fixture
def exported(tmp_path: Path, tokenizer: Tokenizer) -> Path:
    make_run(tmp_path / "run", tokenizer, length=77)
    assert export_model(tmp_path / "run", tmp_path / "hf")
    return tmp_path / "hf"


def config_of(folder: Path, name: str = "config.json") -> dict[str, Any]:
    return json.loads((folder / name).read_text())


def change_weights(folder: Path, **changes: torch.Tensor | None) -> None:
    (file,) = folder.glob("*.safetensors")
    tensors = load_file(file) | {
        name.replace("__", "."): tensor for name, tensor in changes.items() if tensor is not None
    }
    gone = {name.replace("__", ".") for name, tensor in changes.items() if tensor is None}
    save_file({name: tensor for name, tensor in tensors.items() if name not in gone}, file)


def test_a_model_goes_out_and_comes_back(exported: Path, tmp_path: Path, tokenizer: Tokenizer) -> None:
    config = import_model(exported, tmp_path / "again")
    assert config.spelled_out() == MODEL.spelled_out()
    found = load_model(tmp_path / "again")
    assert (found.length, found.chat, found.run_dir, found.tokenizer) == (
        77,
        False,
        tmp_path / "again",
        tokenizer.info,
    )
    assert not found.model.training and found.model.rope_scaling == MODEL.rope_scaling
    for one, two in zip(found.model.parameters(), load_model(tmp_path / "run").model.parameters(), strict=True):
        assert torch.equal(one, two)
    facts = checkpoint_of(tmp_path / "again").facts
    assert facts["imported"] is True and facts["identity"]["tokenizer"] == tokenizer.sha256
    assert "tokens" in (tmp_path / "again" / convert.CONTINUED).read_text()
    with pytest.raises(TrainerError, match="again holds a run already"):
        import_model(exported, tmp_path / "again")
    with pytest.raises(TrainerError, match="hf exists already"):
        export_model(tmp_path / "run", exported)


@pytest.mark.parametrize(("said", "length"), [(77, 77), (None, 8192), (0, 8192)])
def test_the_length_is_what_the_model_says_of_itself(
    exported: Path, tmp_path: Path, said: int | None, length: int
) -> None:
    config = config_of(exported) | {"max_position_embeddings": said}
    (exported / "config.json").write_text(json.dumps({k: v for k, v in config.items() if v is not None}))
    import_model(exported, tmp_path / "again")
    assert load_model(tmp_path / "again").length == length


@pytest.mark.parametrize(
    ("facts", "length", "scaled"),
    [
        ({}, 8192, True),
        ({"length": 100}, 100, True),
        ({"rope_scaling": False}, 8192, False),
        ({"stages": [{"sequence_length": 50, "rope_scaling": False}]}, 50, False),
        ({"stages": [{"sequence_length": 50, "rope_scaling": False}, {"sequence_length": 20, "rope_scaling": True}]}, 50, True),
        ({"stages": [{"sequence_length": 50, "rope_scaling": True}], "length": 60, "rope_scaling": False}, 60, True),
    ],
)  # fmt: skip
def test_length_and_scaling_are_those_of_the_stages(
    facts: dict[str, Any], length: int, scaled: bool, tmp_path: Path
) -> None:
    make_run(tmp_path / "run", None, **facts)
    found = load_model(tmp_path / "run")
    assert found.length == length and (found.model.rope_scaling is not None) == scaled
    assert found.tokenizer is None


def test_what_is_no_model_is_refused(exported: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(TrainerError, match="holds neither a config.json .* nor a params.json"):
        import_model(tmp_path / "empty", tmp_path / "new")
    change_weights(exported, model__norm__weight=torch.ones(17))
    with pytest.raises(TrainerError, match=r"norm.weight of \(17,\); its shape demands \(16,\)"):
        import_model(exported, tmp_path / "new")
    change_weights(exported, model__norm__weight=None)
    with pytest.raises(TrainerError, match="lacks norm.weight and 0 other weights. Copy the model again"):
        import_model(exported, tmp_path / "new")
    change_weights(exported, model__norm__weight=torch.ones(16), model__other__weight=torch.ones(3))
    with pytest.raises(TrainerError, match=r"other.weight of \(3,\); its shape demands no such weight"):
        import_model(exported, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    with pytest.raises(TrainerError, match="new holds no checkpoint. Train or import a model there first"):
        load_model(tmp_path / "new")
    make_run(tmp_path / "rm", None, identity={"task": "reward"})
    with pytest.raises(TrainerError, match="rm is a reward model: it scores"):
        load_model(tmp_path / "rm")


def test_a_copy_of_a_tied_head_is_left_aside(tmp_path: Path) -> None:
    tied = dataclasses.replace(MODEL, tied_embeddings=True)
    model = Llama(tied)
    model.init_weights(0)
    facts = {"identity": {"model": dataclasses.asdict(tied.spelled_out())}}
    store.save(tmp_path / "run", 0, facts, {"model": dict(model.named_parameters())}, keep=1)
    assert export_model(tmp_path / "run", tmp_path / "hf") is False
    change_weights(tmp_path / "hf", lm_head__weight=torch.ones(512, 16))
    assert import_model(tmp_path / "hf", tmp_path / "again").tied_embeddings
    assert torch.equal(load_model(tmp_path / "again").model.head_weight, model.head_weight)


def test_a_tokenizer_must_be_the_model_s_own(exported: Path, tmp_path: Path) -> None:
    write_tokenizer(tmp_path / "other.model", first=1)
    with pytest.raises(TrainerError, match="other.model gives other ids than .*tokenizer.json, which lies beside"):
        import_model(exported, tmp_path / "new", str(tmp_path / "other.model"))
    (exported / "tokenizer.json").unlink()
    with pytest.raises(TrainerError, match="has ids up to .*, but the model's vocabulary is 512"):
        import_model(exported, tmp_path / "new", "gristmill-8k")
    import_model(exported, tmp_path / "bare")
    assert load_model(tmp_path / "bare").tokenizer is None


def test_a_tokenizer_is_the_kept_one_or_the_one_that_is_named(tmp_path: Path, tokenizer: Tokenizer) -> None:
    make_run(tmp_path / "kept", tokenizer)
    kept = load_model(tmp_path / "kept")
    inside = str(tmp_path / "kept" / "tokenizer" / "tokenizer.model")
    for spec in (None, inside, tokenizer.spec):
        assert find_tokenizer(kept, spec).spec == inside
    write_tokenizer(tmp_path / "other.model", first=1)
    with pytest.raises(TrainerError, match="other.model is another one"):
        find_tokenizer(kept, str(tmp_path / "other.model"))
    make_run(tmp_path / "bare", None)
    bare = load_model(tmp_path / "bare")
    assert find_tokenizer(bare, tokenizer.spec).sha256 == tokenizer.sha256
    with pytest.raises(TrainerError, match="does not say what tokenizer it has. Name it: --tokenizer"):
        find_tokenizer(bare, None)
    make_run(tmp_path / "named", None, tokenizer=dataclasses.asdict(tokenizer.info))
    named = load_model(tmp_path / "named")
    assert named.tokenizer == tokenizer.info and find_tokenizer(named, tokenizer.spec).sha256 == tokenizer.sha256
    with pytest.raises(TrainerError, match="it is not built in"):
        find_tokenizer(named, None)


@pytest.mark.parametrize("chat", [True, False])
def test_a_model_that_answers_is_exported_with_the_end_of_its_turns(
    tmp_path: Path, tokenizer: Tokenizer, chat: bool
) -> None:
    make_run(tmp_path / "run", tokenizer, chat=chat, length=77)
    assert load_model(tmp_path / "run").chat is chat
    export_model(tmp_path / "run", tmp_path / "hf", "bf16")
    described = config_of(tmp_path / "hf", "tokenizer_config.json")
    assert described["bos_token"] == "<|begin_of_text|>" and described["model_max_length"] == 77
    assert described["eos_token"] == ("<|eot_id|>" if chat else "<|end_of_text|>")
    assert described["clean_up_tokenization_spaces"] is False
    assert ("chat_template" in described, (tmp_path / "hf" / "generation_config.json").exists()) == (chat, chat)
    (file,) = (tmp_path / "hf").glob("*.safetensors")
    assert {tensor.dtype for tensor in load_file(file).values()} == {torch.bfloat16}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("tmp-")]


def test_an_export_is_whole_or_absent(tmp_path: Path, tokenizer: Tokenizer, monkeypatch) -> None:
    make_run(tmp_path / "run", tokenizer)

    def fail(*rest: Any) -> None:
        raise OSError("full")

    monkeypatch.setattr(convert.huggingface, "write_weights", fail)
    with pytest.raises(OSError, match="full"):
        export_model(tmp_path / "run", tmp_path / "new" / "hf")
    assert list((tmp_path / "new").iterdir()) == []
