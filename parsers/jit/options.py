"""How functions are compiled that are called, or take rows of arrays, within the hot loops.

numba counts references to the arrays that a function is given and to each row that it takes of one: atomic
instructions, which took a quarter of the scanner's time. Without numba's runtime nothing is counted. Such a function
can't allocate; the one that calls it does.
"""

from __future__ import annotations

from numba import njit

inner = njit(cache=True, nogil=True, _nrt=False)
