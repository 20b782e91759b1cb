"""The command line of gristmill, and the sample crawl that its demo and tests grind.

``cli`` parses (``main``), ``commands`` does what the commands say, ``display`` is what a person sees of a run,
``demo`` goes the whole way in one; ``sample`` writes the sample crawl.
"""
