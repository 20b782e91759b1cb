"""Several devices: ranks, and how they share the model (FSDP, tensor parallel), rows (context parallel) and batch.

All of it by torch's own means and from outside: the model and the data know nothing of ranks. What others may use:

``ranks``           ``Ranks``, ``connect``, ``choose_device``
``parallelize``     ``parallelize_model``, ``before_micro_batch``, ``reshard``, ``local_part``
"""
