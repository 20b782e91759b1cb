"""Random numbers of sampling by their address: what is drawn for a token depends on the seed, the purpose, the
prompt, which of its responses it is, the place in that response and the token, and on nothing that happened before.

So a response is the same in whatever batch it is written, in whatever order, and after a kill. A generator with a state
(``torch.multinomial``) would tie each draw to all that were drawn before it.
"""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor

_MIX = (-2048144789, -1028477387)  # 0x85ebca6b and 0xc2b2ae35 as signed 32 bits
_GOLDEN = -1640531527  # 0x9e3779b9
_BITS = 23  # half a step added to so many bits is still exact in fp32, and never 1


def response_key(seed: int, purpose: str, prompt_id: str, sample: int) -> tuple[int, int]:
    """The key of one response, two signed numbers of 32 bits: for ``sample`` k of the prompt's K."""
    digest = hashlib.blake2b(f"{seed}\0{purpose}\0{prompt_id}\0{sample}".encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little", signed=True), int.from_bytes(digest[4:], "little", signed=True)


def gumbel_noise(keys: Tensor, places: Tensor, vocab_size: int) -> Tensor:
    """(B, vocab_size) in fp32 from Gumbel(0, 1): ``argmax(logits / T + noise)`` is a draw from softmax(logits / T).

    ``keys`` (B, 2) int32 of :func:`response_key`, ``places`` (B,) of the tokens in their responses. A token's number is
    a hash of key, place and id: twice the finalizer of MurmurHash3 (32 bits), which any device computes alike.
    """
    row = _finalize(keys[:, 0] ^ (places.int() * _GOLDEN))
    tokens = torch.arange(vocab_size, dtype=torch.int32, device=keys.device)
    hashed = _finalize(_finalize((tokens * _GOLDEN)[None] ^ row[:, None]) ^ keys[:, 1, None])
    bits = (hashed >> (32 - _BITS)) & ((1 << _BITS) - 1)
    uniform = (bits.float() + 0.5) * 2.0**-_BITS
    return -(-uniform.log()).log()


def _finalize(h: Tensor) -> Tensor:
    # Shifts of signed numbers copy the sign: the masks take it away.
    h = (h ^ ((h >> 16) & 0xFFFF)) * _MIX[0]
    h = (h ^ ((h >> 13) & 0x7FFFF)) * _MIX[1]
    return h ^ ((h >> 16) & 0xFFFF)
