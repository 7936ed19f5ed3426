"""How time and memory of `digico run` grow with runs, agents and generations: `make bench-scaling`.

cases (what is run) -> measure (seconds and bytes of whole processes) -> fit (exponents) -> figure. Measuring
imports neither numpy nor matplotlib: see measure.py.
"""
