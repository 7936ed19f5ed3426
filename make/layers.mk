# Floors of the sources: who may include whom (tools/layers/floors.py), held without a build. Python 3 alone.

layers = python3 -B tools/layers

.PHONY: layers
layers:
	@$(layers)
