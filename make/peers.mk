# Side by side with what a user would pick instead (bench/peers/). Python, in an environment of its own under
# build/venv-peers that tools/venv makes from the pinned requirements there.

peers_python = build/venv-peers/bin/python
# a look must not stand where figures are kept
peers_folder = $(if $(findstring --quick,$(ARGS)),build/peers,bench/results)

# digico_jax.py, then pycma and evosax; ARGS=--quick, on a GPU tools/gpu-check. bench/results/{peers,cmaes}-<machine>.json
.PHONY: bench-peers bench-peers-run test-peers test-peers-run
bench-peers:
	@tools/venv peers
	@$(MAKE) $(parallel) --no-print-directory bench-peers-run

bench-peers-run: all bench-cmaes
	@mkdir -p $(peers_folder)
	$(peers_python) bench/peers/side_by_side.py --program $(program) --machine '$(machine_name)' \
	    --json $(peers_folder)/peers-$(machine_name).json $(ARGS)
	$(peers_python) bench/peers/cmaes.py --program $(BUILD)/bench-cmaes \
	    --old-evosax build/venv-peers/old-evosax --json $(peers_folder)/cmaes-$(machine_name).json $(filter --quick,$(ARGS))

# style and behaviour; search=<pattern>
test-peers:
	@tools/venv peers
	@$(MAKE) $(parallel) --no-print-directory test-peers-run

test-peers-run: all bench-cmaes
	@build/venv-peers/bin/ruff check bench/peers
	@build/venv-peers/bin/ruff format --check bench/peers
	cd bench/peers && DIGICO=$(abspath $(program)) BENCH_CMAES=$(abspath $(BUILD)/bench-cmaes) \
	    ../../$(peers_python) -m pytest -q -p no:cacheprovider tests $(if $(search),-k '$(search)')
