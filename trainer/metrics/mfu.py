"""Model FLOP utilisation (MFU): the operations that training needs, as a share of what the device can do."""

from __future__ import annotations

import torch

from trainer.config.model_config import ModelConfig

PEAK_FLOPS = {
    "H100 PCIe": 756e12, "H100 NVL": 835e12, "H100": 989e12, "H800": 989e12, "H200": 989e12, "H20": 148e12,
    "A100": 312e12, "A800": 312e12, "GB200": 2500e12, "GB300": 2500e12, "B200": 2250e12, "B300": 2250e12,
}  # fmt: skip
"""Dense bf16 operations a second, the first name that the device's contains. From NVIDIA's data sheets, where front
pages show twice as much, for sparse matrices: 1,979 for an H100, 4,500 for the B200 and B300 of an HGX, 360,000 for the
72 of an NVL72 (GB200, GB300). The H20's is the figure that public tables have; NVIDIA has no page for it."""


def flops_per_token(model: ModelConfig, parameters: int, length: float) -> float:
    """6 N + 12 L D T: operations of forward and backward pass for a token in a row of ``length`` tokens.

    N are the weights that are multiplied: all but an embedding that is not also the head. Attention is counted as if
    no mask spared anything, recomputation not at all. It is the formula of torchtitan and of the PaLM paper's
    appendix B, so that figures compare. With the documents' mean length (:meth:`trainer.data.batch.Batch.mean_length`)
    instead of the row's, what the mask between documents spares is not counted.
    """
    multiplied = parameters - (0 if model.tied_embeddings else model.embedding_rows * model.dim)
    return 6 * multiplied + 12 * model.num_layers * model.dim * length


def utilisation(model: ModelConfig, parameters: int, row: float, document: float, share: float) -> dict[str, float]:
    """``mfu`` with T the ``row``, as others print it, and ``mfu_documents`` with the mean ``document`` instead.

    ``share``: tokens a second over the operations a second of all devices.
    """
    lengths = {"mfu": row, "mfu_documents": document}
    return {name: share * flops_per_token(model, parameters, length) for name, length in lengths.items()}


def peak_flops(device: torch.device) -> float | None:
    """What the device can do at most in bf16; ``None`` where that is not known, as on a CPU."""
    if device.type != "cuda":
        return None
    name = torch.cuda.get_device_name(device)
    return next((flops for part, flops in PEAK_FLOPS.items() if part in name), None)
