"""How compiled functions (kernels, by numba) of all packages are compiled and kept.

``options``   the decorators ``kernel``, ``kernel_under_lock`` and ``inner``
``cache``     where machine code lies between runs

Importing ``options`` imports numba, which takes half a second: what Python calls of a module with kernels is imported
where it is first used.
"""
