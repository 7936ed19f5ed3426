# Floors of the sources: who may include whom (tools/layers/floors.py), checked without a build; and what the
# pages point at. Python 3 alone.

.PHONY: layers links
layers:
	@python3 -B tools/layers

links:
	@python3 -B tools/links.py
