"""What a model is worth: held-out loss, needles in haystacks, multiple choice, and the gates between stages.

Nothing here needs a network or changes a model. All ranks call these functions together and get the same answer.
What others may use:

``held_out``        ``held_out_losses``, ``mean``, ``Loss``
``multiple_choice`` ``score_choices``, ``Choices``
``needle``          ``needle_accuracy``, ``held_out_haystack``
``report``          ``evaluate_run``
``stage_gates``     ``Gates``
"""
