"""What the compiled functions (kernels, by numba) of the parser's rooms share.

``hash_table``   ``slot``, ``value_of``, ``places``, ``occurrences``: open addressing over ``uint64`` keys
``byte_search``  ``find``: the next occurrence of a byte; ``count_byte``, ``holds``: whole pages at once

:mod:`text.jit` says how they are compiled and kept.
"""
