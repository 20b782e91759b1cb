"""Settings: dataclasses that refuse what cannot be, their reading from YAML, and which stage a token belongs to.

The lowest room: it imports no other, and no torch. What others may use:

``schema``          ``Config``, ``StageConfig``, ``OptimizerConfig``, ``GateConfig``, ``LearningRate``
``model_config``    ``ModelConfig``, ``RopeScaling``
``run_config``      ``RunConfig``
``validation``      ``ConfigError``, ``require``
``loader``          ``load_config``, ``load_settings``, ``parse_config``, ``parse``
``continued``       ``continued_yaml``
``stages``          ``locate``, ``total_tokens``, ``Place``
"""
