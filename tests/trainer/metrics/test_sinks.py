from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from trainer.config.run_config import RunConfig
from trainer.errors import TrainerError
from trainer.metrics.run_log import read_metrics
from trainer.metrics.sinks import figures, open_sinks
from trainer.training.pretraining import pretrain


def test_figures_are_the_numbers_of_a_line():
    line = {"step": 3, "stage": "all", "loss": None, "tokens": 7, "held_out_loss_by_source": {"web": 2.5}}
    assert figures(line) == {"tokens": 7, "held_out_loss_by_source/web": 2.5}


@pytest.mark.parametrize(("package", "setting"), [("torch.utils.tensorboard", True), ("wandb", "mill")])
def test_a_missing_package_is_said_before_the_first_step(package, setting, shards, make_config, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    name = package.split(".")[-1]
    with pytest.raises(TrainerError, match=rf"run\.{name} needs the package {name}: pip install"):
        pretrain(make_config(run={name: setting}), [shards], tmp_path / "run")
    assert not read_metrics(tmp_path / "run")


def test_none_is_open_unless_asked_for(tmp_path):
    assert open_sinks(RunConfig(), tmp_path, 0, {}) == []


def test_tensorboard_holds_what_the_metrics_do(shards, make_config, tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    pretrain(make_config(run={"tensorboard": True}), [f"a={shards}"], tmp_path / "run")
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard")).Reload()
    found = {(event.step, name): event.value for name in events.Tags()["scalars"] for event in events.Scalars(name)}
    lines = read_metrics(tmp_path / "run")
    expected = {(line["step"], key): value for line in lines for key, value in figures(line).items()}
    assert found == pytest.approx(expected)
    assert (6, "loss") in found and (6, "held_out_loss") in found


class FakeWandb(SimpleNamespace):
    """What this project calls of wandb, written down."""

    class Error(Exception):
        pass

    def __init__(self) -> None:
        super().__init__(sessions=[], Settings=SimpleNamespace)

    def init(self, **options: object) -> SimpleNamespace:
        session = SimpleNamespace(options=options, lines=[], metrics={}, finished=False, id="abc123")
        session.log = session.lines.append
        session.define_metric = lambda name, step_metric=None: session.metrics.update({name: step_metric})
        session.finish = lambda: setattr(session, "finished", True)
        self.sessions.append(session)
        return session


@pytest.fixture
def wandb(monkeypatch) -> FakeWandb:
    fake = FakeWandb()
    monkeypatch.setitem(sys.modules, "wandb", fake)
    return fake


def test_wandb_gets_every_line_and_goes_on_with_its_run(wandb, shards, make_config, tmp_path):
    config = make_config(run={"wandb": "mill"}, stage={"tokens": 4 * 128})
    longer = make_config(run={"wandb": "mill"})
    for settings in (config, longer):
        pretrain(settings, [shards], tmp_path / "run")
    first, second = wandb.sessions
    assert first.options["project"] == "mill" and first.options["name"] == "run" and "id" not in first.options
    assert first.options["config"]["optimizer"]["peak_lr"] == 1e-2
    assert (second.options["id"], second.options["resume"]) == ("abc123", "allow")
    assert first.metrics["*"] == "step" and first.finished and second.finished
    lines = [*first.lines, *second.lines]
    assert lines == [{"step": line["step"], **figures(line)} for line in read_metrics(tmp_path / "run")]


def test_what_wandb_refuses_is_a_sentence(wandb, tmp_path, monkeypatch):
    def refuse(**options: object) -> None:
        raise FakeWandb.Error("no API key\nmore")

    monkeypatch.setattr(wandb, "init", refuse)
    with pytest.raises(TrainerError, match=r"refuses \(no API key\)\. Log in with wandb login, or .*offline"):
        open_sinks(RunConfig(wandb="mill"), tmp_path, 0, {})


def test_wandb_itself_works_offline(shards, make_config, tmp_path, monkeypatch):
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    pretrain(make_config(run={"wandb": "mill"}), [shards], tmp_path / "run")
    (stored,) = Path(tmp_path / "run" / "wandb").glob("offline-run-*/*.wandb")
    assert stored.stat().st_size > 0
    assert (tmp_path / "run" / "wandb" / "id").read_text() in stored.name
