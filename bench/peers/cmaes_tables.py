"""The tables that are printed."""

from __future__ import annotations

from cmaes_statistics import FAMILY_ALARM


def side_text(side: dict) -> str:
    """median [quartiles], and how many seeds arrived where not all did."""
    numbers = [side["median"], side["lower_quartile"], side["upper_quartile"]]
    median, low, high = ("-" if v is None else f"{v:,.0f}" for v in numbers)
    missing = "" if side["reached"] == side["seeds"] else f" {side['reached']}/{side['seeds']}"
    return f"{median} [{low}, {high}]{missing}"


def evaluation_table(rows: list[dict]) -> list[list[str]]:
    """Cells of the first table: after each of our solvers those that it is compared with."""
    table = [["solver", "evaluations", "ratio [interval]", "p", "verdict"]]
    shown = None
    for row in rows:
        about = f"{row['function']}, n = {row['dimension']}, lambda = {row['population']}"
        if shown != (about, row["ours"]["solver"]):
            shown = about, row["ours"]["solver"]
            table += [[""] * 5, [about], [row["ours"]["solver"], side_text(row["ours"]), "", "", ""]]
        ratio = "-" if row["ratio"] is None else f"{row['ratio']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
        p = "-" if row["p"] is None else f"{row['p']:.2g}"
        table.append([row["theirs"]["solver"], side_text(row["theirs"]), ratio, p, row["verdict"]])
    return table


def time_table(rows: list[dict]) -> list[list[str]]:
    """Cells of the second table."""
    table = [
        ["n", "lambda", "ours [us]", "theirs", "theirs [us]", "theirs / ours [range]", "compilation [s]"]
    ]
    for row in rows:
        cells = [str(row["dimension"]), str(row["population"]), f"{row['ours'] * 1e6:,.1f}", row["solver"]]
        cells += [f"{row['theirs'] * 1e6:,.1f}", f"{row['ratio']:.1f} [{row['low']:.1f}, {row['high']:.1f}]"]
        table.append([*cells, f"{row['compilation']:.1f}" if row["compilation"] else "-"])
    return table


def print_table(table: list[list[str]]) -> None:
    """Columns of even width; a row of one cell is a heading."""
    cells = [row for row in table if len(row) > 1]
    widths = [max(len(row[k]) for row in cells) for k in range(len(table[0]))]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())


def print_all(result: dict) -> None:
    """Both tables, each with what its numbers mean."""
    same = [row for row in result["evaluations"] if row["same"]]
    print(f"\n{result['machine']['processor']}, {result['machine']['cores']} cores\n")
    print("Evaluations to the target: median [quartiles] over seeds")
    print_table(evaluation_table(result["evaluations"]))
    differ = sum(row["verdict"] == "differs" for row in same)
    print(
        f"\n{len(same)} comparisons of the same algorithm, {differ} differ. If all are equal, any of them "
        f"differs by chance in {FAMILY_ALARM:.0%} of such tables;\nthe intervals of the ratios "
        "(theirs / ours) are as wide as that.\n"
    )
    print("Time per generation (ask, sphere, tell), median over rounds")
    print_table(time_table(result["seconds"]))
