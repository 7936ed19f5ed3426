# How time and memory grow with runs, agents and generations (bench/scaling/), and the tests of that.
# Python, in the environment of the report.

scaling_python = PYTHONPATH=bench:report build/venv/bin/python

# bench/results/scaling-<machine>.json and docs/images/scaling.svg; ARGS=--quick, ARGS='--device cuda'
.PHONY: bench-scaling test-scaling test-scaling-run
bench-scaling: all
	@tools/venv report
	@$(scaling_python) -m scaling --program $(program) $(ARGS)

test-scaling:
	@tools/venv test
	@$(MAKE) $(parallel) --no-print-directory test-scaling-run

test-scaling-run: all
	@if [ -x build/venv/bin/ruff ]; then build/venv/bin/ruff check bench/scaling bench/rows.py bench/tests && \
	    build/venv/bin/ruff format --check bench/scaling bench/rows.py bench/tests; else echo 'no ruff here: style not checked'; fi
	cd bench && DIGICO=$(abspath $(program)) ../build/venv/bin/python -m pytest -q -p no:cacheprovider \
	    tests $(if $(search),-k '$(search)')
