"""What the compiled functions (kernels, by numba) of the parser's rooms share.

``options``      how they are compiled: ``kernel``, ``inner``
``hash_table``   ``slot``, ``value_of``, ``places``, ``occurrences``: open addressing over ``uint64`` keys
``byte_search``  ``find``: the next occurrence of a byte
"""
