# The report: digico report, the paper's page, and their tests. Python, in an environment of its own under
# build/venv that tools/venv makes from the pinned requirements of report/.

PAPER ?= build/paper
ARGS  ?=

.PHONY: report-setup paper paper-run report test-report test-report-run
report-setup:
	@tools/venv report

# every experiment of the paper, then the page; ARGS=--quick for the small form
paper:
	@tools/setup build
	@tools/venv report
	@$(MAKE) $(parallel) --no-print-directory paper-run

paper-run: all
	tools/report paper --program $(program) --output $(PAPER) $(ARGS)

# the page of any result: make report DIR=out
report: report-setup
	tools/report sweep $(DIR) $(ARGS)

# style of the Python in tools/, style and behaviour of the report, its pages in a headless browser among it; search=<pattern>
test-report:
	@tools/setup test
	@tools/venv test
	@$(MAKE) $(parallel) --no-print-directory test-report-run

test-report-run: all
	@if [ -x build/venv/bin/ruff ]; then build/venv/bin/ruff check report && \
	    build/venv/bin/ruff format --check report && \
	    build/venv/bin/ruff check --config report/pyproject.toml tools tests/tools && \
	    build/venv/bin/ruff format --check --config report/pyproject.toml tools tests/tools; else echo 'no ruff here: style not checked'; fi
	cd report && DIGICO=$(abspath $(program)) DIGICO_REQUIRE_BROWSER=1 ../build/venv/bin/python -m pytest \
	    -q -p no:cacheprovider $(if $(search),-k '$(search)')
