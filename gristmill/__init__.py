"""The command line of gristmill, and the sample crawl that its demo and tests grind.

``cli`` parses (``main``), ``commands`` and ``run_commands`` do what the commands say, ``progress`` is what a person sees of a run
while it works, ``display`` when it is done, ``options`` has what several commands take,
``demo`` goes the whole way in one; ``sample`` writes the sample crawl.
"""
