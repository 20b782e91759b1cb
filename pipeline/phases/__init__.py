"""The phases of a run, one module each: a Beam job that reads committed files and writes new ones.

A phase module has its name ``PHASE``; ``units(run)``, the names of the pieces of work that must hand in a receipt; and
``build``, which puts the Beam job together. Where ``MAP_ONLY`` is true units are independent, and ``build(pipeline, run,
done)`` leaves out those that are done; a phase with a shuffle is built whole, ``build(pipeline, run)``.
"""
