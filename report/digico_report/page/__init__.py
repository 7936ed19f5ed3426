"""HTML of elements: one file that needs no network, and the tables and figures beside it."""

from digico_report.page.render import render, write

__all__ = ["render", "write"]
