"""What is done with gradients: the learning rate, clipping, skipped updates, AdamW, the averaging of weights.

It works on any module's parameters and knows no model of ours; nothing in it makes the host wait for the device. What
others may use:

``lr_schedule``     ``learning_rate``
``clipping``        ``clip``
``skip_step``       ``Guard``
``adamw``           ``make_optimizer``, ``optimizer_tensors``
``weight_averaging`` ``Average``
"""
