"""The same numbers as TRL's trainers, on the same rows: a tiny model, exported, and its policy a little aside of it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from tests.trainer.posttraining.conftest import MODEL, make_run, write_rows
from trainer.checkpoint import store
from trainer.checkpoint.convert import export_model
from trainer.config.loader import parse
from trainer.distributed.ranks import Ranks
from trainer.model.llama import Llama
from trainer.posttraining import dpo, reward, sft
from trainer.posttraining.base import Base
from trainer.posttraining.chat import ChatFormat, Message
from trainer.posttraining.dialogs import read_encoded
from trainer.posttraining.preferences import read_groups
from trainer.posttraining.settings import DpoConfig, RewardConfig, SftConfig

trl = pytest.importorskip(
    "trl", reason="TRL, with its accelerate and psutil, is not installed: pip install 'gristmill[bench]'"
)
transformers = pytest.importorskip("transformers")
datasets = pytest.importorskip("datasets")

ALONE = Ranks(0, 1, torch.device("cpu"), None)
SAID = [("2+2?", "It is four.", "5"), ("Name a colour.", "red", "I would rather not say."), ("Go", "gone", "going on")]
TOLERANCE = 1e-5


class Set(NamedTuple):
    """A base run, its export, and the weights of a policy aside of it."""

    folder: Path
    base: Base
    hf: Path
    noise: dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def the_set(tmp_path_factory, byte_tokenizer) -> Set:
    folder = tmp_path_factory.mktemp("parity")
    run = make_run(folder / "first", byte_tokenizer)
    saved = store.latest(run)
    model = Llama(MODEL)
    model.init_weights(0)
    with torch.no_grad():
        for parameter in model.parameters():  # larger than a beginner's, so that logits differ
            parameter.add_(
                torch.randn(parameter.shape, generator=torch.Generator().manual_seed(parameter.numel())) * 0.2
            )
    weights = {name: p.detach() for name, p in model.named_parameters()}
    store.save(folder / "base", 0, {**saved.facts, "chat": True}, {"model": weights}, keep=1)
    (folder / "base" / "tokenizer").symlink_to(run / "tokenizer")
    export_model(folder / "base", folder / "hf")
    draw = torch.Generator().manual_seed(5)
    noise = {name: 0.01 * torch.randn(p.shape, generator=draw) for name, p in weights.items()}
    return Set(folder, Base.open(folder / "base"), folder / "hf", noise)


def tokenizer(the_set: Set):
    return transformers.AutoTokenizer.from_pretrained(the_set.hf)


def their_policy(the_set: Set, kind=None, **settings: object):
    model = (kind or transformers.AutoModelForCausalLM).from_pretrained(the_set.hf, dtype=torch.float32, **settings)
    return add_noise(model, the_set.noise)


def add_noise(model: torch.nn.Module, noise: dict[str, torch.Tensor]) -> torch.nn.Module:
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if (found := noise.get(name.removeprefix("model."))) is not None:
                parameter.add_(found)
    return model


def arguments(cls: type, folder: Path, **settings: object):
    return cls(
        output_dir=str(folder / "trl"), per_device_train_batch_size=8, report_to=[], use_cpu=True, bf16=False,
        **settings,
    )  # fmt: skip


def settings_of(cls: type, **changes: object):
    given = {"sequence_length": 128, "batch_rows": 3, "optimizer": {"peak_lr": 1e-3}, "run": {"device": "cpu"}}
    return parse(cls, given | changes)


def write(the_set: Set, name: str, rows: list[dict]) -> str:
    return write_rows(the_set.folder / name, rows)


def user(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


def answer(text: str) -> list[dict]:
    return [{"role": "assistant", "content": text}]


def their_loss(trainer) -> float:
    batch = trainer.data_collator([trainer.train_dataset[n] for n in range(len(trainer.train_dataset))])
    return trainer.compute_loss(trainer.model, batch).item()


PAIRS = [{"prompt": user(ask), "chosen": answer(good), "rejected": answer(bad)} for ask, good, bad in SAID]


def ours_dpo(the_set: Set, **settings: object) -> float:
    """The loss of the first step of a policy with noise, which is put on once the reference is there."""
    config = settings_of(DpoConfig, **settings)
    data = write(the_set, "pairs.jsonl", PAIRS)
    groups = read_groups([data], [], the_set.base.chat, config, shared=True, pairs=True)
    task = dpo.DpoTask(config, the_set.base, groups, ALONE, the_set.folder / "run")
    return loss_of(task, the_set)


def loss_of(task, the_set: Set) -> float:
    task.build()
    task.init_weights()
    task.begin(0, {})
    add_noise(task.model, the_set.noise)
    step = task.next_step(task.settings.stages[0])
    return task.loss(step.batch)["loss"].item() / step.divisor


@pytest.mark.parametrize(
    ("theirs", "ours"), [
        ({}, {"nll": 0.0, "mask_format": False}),
        ({"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, 0.2]},
         {"nll": 0.2, "mask_format": False, "nll_mean": "token"}),
    ]
)  # fmt: skip
def test_dpo(the_set: Set, theirs: dict, ours: dict) -> None:
    trainer = trl.DPOTrainer(
        model=their_policy(the_set),
        ref_model=transformers.AutoModelForCausalLM.from_pretrained(the_set.hf, dtype=torch.float32),
        args=arguments(trl.DPOConfig, the_set.folder, beta=0.1, max_length=None, **theirs),
        train_dataset=datasets.Dataset.from_list(PAIRS),
        processing_class=tokenizer(the_set),
    )
    expected, found = their_loss(trainer), ours_dpo(the_set, **ours)
    print(f"DPO {ours}: TRL {expected:.8f}, ours {found:.8f}")
    assert found == pytest.approx(expected, abs=TOLERANCE)


def test_dpo_with_the_terminator_out_of_trls_mask(the_set: Set) -> None:
    trainer = trl.DPOTrainer(
        model=their_policy(the_set),
        ref_model=transformers.AutoModelForCausalLM.from_pretrained(the_set.hf, dtype=torch.float32),
        args=arguments(trl.DPOConfig, the_set.folder, beta=0.1, max_length=None),
        train_dataset=datasets.Dataset.from_list(PAIRS),
        processing_class=tokenizer(the_set),
    )
    batch = trainer.data_collator([trainer.train_dataset[n] for n in range(len(PAIRS))])
    batch["completion_mask"][batch["input_ids"] == the_set.base.chat.eot] = 0
    expected, found = trainer.compute_loss(trainer.model, batch).item(), ours_dpo(the_set, nll=0.0)
    print(f"DPO, masked: TRL {expected:.8f}, ours {found:.8f}")
    assert found == pytest.approx(expected, abs=TOLERANCE)
    assert abs(found - ours_dpo(the_set, nll=0.0, mask_format=False)) > 1e-4


def test_reward(the_set: Set) -> None:
    model = their_policy(the_set, transformers.AutoModelForSequenceClassification, num_labels=1)
    trainer = trl.RewardTrainer(
        model=model,
        args=arguments(trl.RewardConfig, the_set.folder, max_length=None),
        train_dataset=datasets.Dataset.from_list(PAIRS),
        processing_class=tokenizer(the_set),
    )
    config = settings_of(RewardConfig)
    data = write(the_set, "pairs.jsonl", PAIRS)
    groups = read_groups([data], [], the_set.base.chat, config, shared=True, pairs=False)
    task = reward.RewardTask(config, the_set.base, groups, ALONE)
    found = loss_of(task, the_set)
    with torch.no_grad():
        model.score.weight.copy_(task.model.reward_head.weight)
    expected = their_loss(trainer)
    print(f"reward: TRL {expected:.8f}, ours {found:.8f}")
    assert found == pytest.approx(expected, abs=TOLERANCE)


def test_sft_of_what_the_assistant_says(the_set: Set) -> None:
    dialogs = [{"messages": [*user(ask), *answer(good), *user(bad), *answer(ask)]} for ask, good, bad in SAID]
    trainer = trl.SFTTrainer(
        model=their_policy(the_set),
        args=arguments(trl.SFTConfig, the_set.folder, max_length=None, assistant_only_loss=True),
        train_dataset=datasets.Dataset.from_list(dialogs),
        processing_class=tokenizer(the_set),
    )
    config = settings_of(SftConfig, train="all")
    encoded = read_encoded([write(the_set, "dialogs.jsonl", dialogs)], [], the_set.base.chat, config)
    task = sft.FineTuning(config, the_set.base, encoded, ALONE)
    task._starts_with_unseen = False
    expected, found = their_loss(trainer), loss_of(task, the_set)
    print(f"SFT, assistant only: TRL {expected:.8f}, ours {found:.8f}")
    assert found == pytest.approx(expected, abs=TOLERANCE)


def test_dialogs_have_the_ids_of_trls_template(the_set: Set, byte_tokenizer) -> None:
    template = Path(trl.__file__).with_name("chat_templates") / "llama3_training.jinja"
    theirs, chat = tokenizer(the_set), ChatFormat(byte_tokenizer)
    for ask, good, bad in SAID:
        said = [{"role": "system", "content": bad}, *user(ask), *answer(good), *user(bad), *answer(ask)]
        rendered = theirs.apply_chat_template(
            said, chat_template=template.read_text(), return_dict=True, return_assistant_tokens_mask=True
        )
        ours = chat.encode_dialog([Message.from_json(message) for message in said], train="all")
        assert rendered["input_ids"] == ours.ids.tolist()
        assert rendered["assistant_masks"] == (ours.kinds != 0).astype(int).tolist()
