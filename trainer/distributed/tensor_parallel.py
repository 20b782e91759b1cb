"""Tensor and sequence parallelism: ranks share each matrix, and between the matrices the tokens of a row.

Megatron's division (arXiv 1909.08053; with the tokens, arXiv 2205.05198) by the means of torch.distributed.tensor. A
group of ranks has the same tokens:

=====================  ==============================================================================
q, k, v, gate, up      divided by rows: each rank computes some heads, some of the feed-forward's width
o, down                divided by columns: each rank's product is a part of a sum
embedding, head        divided by tokens of the vocabulary (:mod:`trainer.model.vocab_parallel`)
norms, residual        each rank has its share of the row's tokens, T / ranks behind one another
=====================  ==============================================================================

Before a product over all tokens they are gathered, behind the sum they are dealt out again.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.tensor import Replicate, Shard, distribute_module, distribute_tensor
from torch.distributed.tensor.parallel import (
    ColwiseParallel,
    PrepareModuleInput,
    RowwiseParallel,
    SequenceParallel,
    parallelize_module,
)

from trainer.model.llama import Llama

_TOKENS = Shard(1)
"""How hidden states (B, T, D) lie between the products."""


def divide(model: Llama, mesh: DeviceMesh) -> None:
    """Divides the weights of ``model``, which has no memory yet, over the ranks of ``mesh`` (one dimension), in place.

    Heads, kv heads, feed-forward width and vocabulary must be multiples of their number, as
    :func:`trainer.training.preflight.check_tensor_parallel` demands.
    """
    # The attention also takes rotary tables, mask and cache, which every rank has whole.
    whole = PrepareModuleInput(
        input_layouts=(_TOKENS, None, None, None), desired_input_layouts=(Replicate(), None, None, None)
    )
    plan = {
        "input_layernorm": SequenceParallel(),
        "self_attn": whole,
        "self_attn.q_proj": ColwiseParallel(),
        "self_attn.k_proj": ColwiseParallel(),
        "self_attn.v_proj": ColwiseParallel(),
        "self_attn.o_proj": RowwiseParallel(output_layouts=_TOKENS),
        "post_attention_layernorm": SequenceParallel(),
        "mlp": PrepareModuleInput(input_layouts=_TOKENS, desired_input_layouts=Replicate()),
        "mlp.gate_proj": ColwiseParallel(),
        "mlp.up_proj": ColwiseParallel(),
        "mlp.down_proj": RowwiseParallel(output_layouts=_TOKENS),
    }
    for block in model.layers:
        parallelize_module(block, mesh, plan)
    ends = {
        "embed_tokens": RowwiseParallel(input_layouts=Replicate(), output_layouts=_TOKENS),
        "norm": SequenceParallel(),
    }
    parallelize_module(model, mesh, ends)
    for module in model.exact_modules:
        distribute_module(module, mesh)  # whole on every rank
    if not model.config.tied_embeddings:
        # Its weight alone: the loss knows what to do with a part of the head.
        weight = distribute_tensor(model.lm_head.weight, mesh, [Shard(0)])
        model.lm_head.register_parameter("weight", nn.Parameter(weight))
    model.embed_tokens.register_forward_hook(_arrived)


def _arrived(module: nn.Module, inputs: tuple[Tensor], hidden: Tensor) -> Tensor:
    # What comes from the sum over ranks is a tensor that has yet to arrive (AsyncCollectiveTensor). A compiled block
    # loses a part of its gradient, without a word (seen with torch 2.15); a copy is a tensor like any other.
    return hidden.clone()
