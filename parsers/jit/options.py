"""How the parser's kernels are compiled: as those of all packages (:mod:`text.jit.options`)."""

from text.jit.options import inner, kernel

__all__ = ["inner", "kernel"]
