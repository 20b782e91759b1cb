"""Settings: dataclasses that refuse what cannot be, their reading from YAML, and which stage a token belongs to.

The lowest room: it imports no other, and no torch. What others may use:

``schema``          ``Config``, ``ModelConfig``, ``StageConfig``, ``OptimizerConfig``, ``RunConfig``,
                    ``GateConfig``, ``LearningRate``, ``RopeScaling``, ``ConfigError``
``loader``          ``load_config``, ``load_settings``, ``parse_config``, ``parse``
``continued``       ``continued_yaml``
``stages``          ``locate``, ``total_tokens``, ``Place``
"""
