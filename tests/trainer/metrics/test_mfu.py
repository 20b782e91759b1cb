from __future__ import annotations

import pytest
import torch

from trainer.config.loader import load_config
from trainer.config.model_config import ModelConfig
from trainer.metrics.mfu import PEAK_FLOPS, flops_per_token, peak_flops, utilisation
from trainer.model.llama import Llama


def parameters(model: ModelConfig) -> int:
    with torch.device("meta"):
        return Llama(model).num_parameters()


# Worked out by hand from 6 N + 12 L D T with N without the input embedding, which the tied 1B and 3B multiply by.
@pytest.mark.parametrize(
    ("size", "length", "flops"),
    [("1b", 4096, 9.03e9), ("1b", 8192, 1.064e10), ("1b", 131072, 5.90e10), ("3b", 8192, 2.77e10),
     ("8b", 4096, 5.15e10), ("8b", 8192, 5.79e10), ("70b", 4096, 4.49e11), ("405b", 8192, 2.63e12)],
)  # fmt: skip
def test_operations_of_a_token(size, length, flops):
    model = load_config(f"llama3-{size}").model
    assert flops_per_token(model, parameters(model), length) == pytest.approx(flops, rel=2e-3)


@pytest.mark.parametrize(
    ("name", "tera"),
    [("NVIDIA H100 80GB HBM3", 989), ("NVIDIA H100 PCIe", 756), ("NVIDIA H100 NVL", 835), ("NVIDIA H200", 989),
     ("NVIDIA GH200 480GB", 989), ("NVIDIA H20", 148), ("NVIDIA H800", 989), ("NVIDIA A100-SXM4-80GB", 312),
     ("NVIDIA A800-SXM4-80GB", 312), ("NVIDIA B200", 2250), ("NVIDIA B300 SXM6 AC", 2250), ("NVIDIA GB200", 2500),
     ("NVIDIA GB300", 2500)],
)  # fmt: skip
def test_peaks_go_by_the_devices_name(name, tera, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: name)
    assert peak_flops(torch.device("cuda", 0)) == tera * 1e12


def test_a_device_without_a_figure_has_no_peak(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA GeForce RTX 3090")
    assert peak_flops(torch.device("cuda", 0)) is None
    assert peak_flops(torch.device("cpu")) is None


def test_utilisation_is_by_rows_and_by_documents():
    model = ModelConfig(dim=8, num_layers=3, num_heads=2, num_kv_heads=1, ffn_size=16, vocab_size=10)
    # 6 N + 12 L D T of 1,000 weights, of which 80 are the embedding's.
    assert flops_per_token(model, 1000, 5) == 6 * 920 + 12 * 3 * 8 * 5
    found = utilisation(model, 1000, 50.0, 5.0, 1e-6)
    expected = {"mfu": (6 * 920 + 288 * 50) / 1e6, "mfu_documents": (6 * 920 + 288 * 5) / 1e6}
    assert found == {name: pytest.approx(value) for name, value in expected.items()}


def test_peaks_are_those_of_the_data_sheets():
    assert {name: round(flops / 1e12) for name, flops in PEAK_FLOPS.items()} == {
        "H100 PCIe": 756, "H100 NVL": 835, "H100": 989, "H800": 989, "H200": 989, "H20": 148,
        "A100": 312, "A800": 312, "GB200": 2500, "GB300": 2500, "B200": 2250, "B300": 2250,
    }  # fmt: skip
