"""Reports on results of digico: analysis, figures, and one self-contained HTML page.

Who calls whom, one direction: __main__ -> paper, sweep, echo (what a page holds) -> analysis and figures ->
results (a result directory, read once) and elements (what a page is made of) -> page (HTML of elements).
"""
