"""Training: one loop for all tasks, and the tasks, of which pre-training is the first.

The loop steps, logs, evaluates and saves; a session runs it to the end or to a signal; an
:class:`~trainer.training.objective.Objective` supplies model, batches, loss and evaluation. Post-training adds others.
What others may use:

``pretraining``     ``pretrain``, ``Pretraining``
``plan``            ``make_plan``, ``Plan``, ``Speed``
``session``         ``train``
``loop``            ``TrainingLoop``
``objective``       ``Objective``, ``Report``, ``Settings``, ``StepInput``, ``Tensors``
``preflight``       ``check_going_on``, ``check_ranks``, ``check_tensor_parallel``, ``with_vocabulary``
``step``            ``accumulate``, ``micro_batches``
``run_lock``        ``RunLock``
``lineage``         ``Lineage``: the documents of a step, the steps of a page
``lineage_command`` ``add_which``
"""
