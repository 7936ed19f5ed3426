# Floors of the sources: who may include whom (tools/layers/floors.py), checked without a build; what is drawn
# of them; and what the pages point at. Python 3 alone.

.PHONY: layers picture picture-check links
layers:
	@python3 -B tools/layers

# docs/images/architecture.svg, and the table of docs/ARCHITECTURE.md
picture:
	@python3 -B tools/layers --draw

picture-check:
	@python3 -B tools/layers --drawn

links:
	@python3 -B tools/links.py
