"""What a provider of a model has to say of its training data, as far as finished runs know it.

``measure``     sizes by language and class, domains, dates, what was left out and why (``measure_runs``)
``templates``   those figures in the order of the EU's template and of California's AB 2013
"""
