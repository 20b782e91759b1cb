"""Exports of chat models, as transformers uses them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainer.posttraining.conftest import make_run, write_rows
from trainer.checkpoint.convert import export_model, import_model
from trainer.config.loader import parse
from trainer.posttraining import sft
from trainer.posttraining.chat import ChatFormat, Message
from trainer.posttraining.settings import SftConfig

transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def exported(tmp_path_factory, byte_tokenizer):
    """A model that has learnt to answer each of two letters with its own word."""
    folder = tmp_path_factory.mktemp("exported")
    said = {"a": "ab", "b": "ba"}
    rows = [
        {"messages": [{"role": "user", "content": ask}, {"role": "assistant", "content": answer}]}
        for ask, answer in said.items()
    ]
    data = write_rows(folder / "rows.jsonl", rows)
    config = parse(SftConfig, {
        "sequence_length": 64, "batch_rows": 2, "epochs": 60, "optimizer": {"peak_lr": 2e-2},
        "schedule": {"shape": "constant"}, "run": {"device": "cpu", "checkpoint_every": 1000, "evaluate_every": 1000},
    })  # fmt: skip
    sft.train(config, make_run(folder / "base", byte_tokenizer), [data], folder / "run")
    export_model(folder / "run", folder / "hf")
    return folder / "hf", said


TURNS = st.builds(
    Message,
    st.sampled_from(["user", "tool", "system"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
) | st.builds(
    Message,
    st.just("assistant"),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.booleans(),
    st.sampled_from([None, "eot", "eom"]),
)


def test_the_template_renders_our_ids(exported, byte_tokenizer) -> None:
    tokenizer, chat = transformers.AutoTokenizer.from_pretrained(exported[0]), ChatFormat(byte_tokenizer)

    @given(st.lists(TURNS, min_size=1, max_size=5), st.booleans())
    @settings(deadline=None, max_examples=15)
    def check(messages: list[Message], goes_on: bool) -> None:
        said = [message.to_json() for message in messages]
        rendered = tokenizer.apply_chat_template(
            said, add_generation_prompt=goes_on, return_dict=True, return_assistant_tokens_mask=True
        )
        ours = chat.encode_dialog(messages, train="all")
        assert rendered["input_ids"] == (chat.encode_prompt(messages) if goes_on else ours.ids).tolist()
        mask = rendered["assistant_masks"][: len(ours.ids)]
        assert mask == (ours.kinds != 0).astype(int).tolist()

    check()


def test_a_chat_answers_and_stops(exported) -> None:
    directory, said = exported
    writes = transformers.pipeline("text-generation", model=str(directory), device="cpu")
    for ask, answer in said.items():
        (found,) = writes([{"role": "user", "content": ask}], max_new_tokens=20)
        assert found["generated_text"][-1] == {"role": "assistant", "content": answer}
    model, tokenizer = (
        kind.from_pretrained(directory) for kind in (transformers.AutoModelForCausalLM, transformers.AutoTokenizer)
    )
    ids = tokenizer.apply_chat_template(
        [{"role": "user", "content": "a"}], add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    written = model.generate(**ids, max_new_tokens=20, do_sample=False)[0, ids["input_ids"].shape[1] :]
    assert tokenizer.decode(written) == "ab<|eot_id|>"
    assert tokenizer.pad_token == "<|finetune_right_pad_id|>"


def test_an_export_is_imported_with_its_tokenizer(exported, tmp_path, byte_tokenizer) -> None:
    import_model(exported[0], tmp_path / "again")
    info = json.loads((tmp_path / "again" / "tokenizer" / "info.json").read_text())["info"]
    assert info["sha256"] == byte_tokenizer.sha256


def test_the_export_of_a_base_has_no_template(tmp_path, make_base) -> None:
    export_model(make_base(), tmp_path / "hf")
    assert "chat_template" not in json.loads((tmp_path / "hf" / "tokenizer_config.json").read_text())
    assert not (tmp_path / "hf" / "generation_config.json").exists()
