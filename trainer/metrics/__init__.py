"""What a run writes down and shows: metrics, their sinks, the console; what a step costs in operations and memory.

``run_log``, ``console`` and ``sinks`` need no torch: a run's metrics can be read where none is installed. What others
may use:

``run_log``         ``RunLog``, ``Summary``, ``read_metrics``
``sinks``           ``open_sinks``, ``Sink``
``console``         ``Display``
``mfu``             ``flops_per_token``, ``peak_flops``, ``utilisation``
``memory``          ``check_memory``, ``fullest_stage``, ``memory_sentence``, ``estimate_memory``, ``GIB``
``profiler``        ``StepProfiler``
"""
