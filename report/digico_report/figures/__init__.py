"""Figures: from datasets of runs that ended to elements.Figure. No file is read or written here.

Every figure is a pair: `draw_...` makes the matplotlib figure (tests look at its artists), the function
without that prefix adds title, caption and alternative text and makes SVG of it. What they share: style, svg,
labels, runs, heat, series.
"""
