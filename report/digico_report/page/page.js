"use strict";
// What a page does not need to be read: tables sort and filter, the contents show where one is.
(() => {
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

  // ---- sort ----------------------------------------------------------------------------------------

  const NUMERIC = ["number", "integer", "interval", "spread"];
  const NEXT = { none: "ascending", ascending: "descending", descending: "none" };

  /** What a cell is sorted by: a number, a text, or null, which comes last. */
  function keyOf(cell, numeric) {
    if (numeric) return cell.dataset.value ? Number(cell.dataset.value) : null;
    return (cell.dataset.value ?? cell.textContent).trim() || null;
  }

  function compare(a, b) {
    return typeof a === "number" ? Math.sign(a - b) || 0 : collator.compare(a, b);
  }

  /** The rows in an order; equal ones stay as they were made. */
  function sorted(rows, column, numeric, order) {
    if (order === "none") return rows;
    const way = order === "ascending" ? 1 : -1;
    const keyed = rows.map((row) => ({ row, key: keyOf(row.cells[column], numeric) }));
    const full = keyed.filter(({ key }) => key !== null).sort((a, b) => way * compare(a.key, b.key));
    return [...full, ...keyed.filter(({ key }) => key === null)].map(({ row }) => row);
  }

  function makeSortable(table) {
    const rows = [...table.tBodies[0].rows];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.ariaSort = "none";
      button.addEventListener("click", () => {
        const order = NEXT[head.ariaSort];
        for (const other of heads) other.ariaSort = "none";
        head.ariaSort = order;
        const numeric = NUMERIC.some((kind) => head.classList.contains(kind));
        table.tBodies[0].append(...sorted(rows, column, numeric, order));
      });
    });
  }

  // ---- filter --------------------------------------------------------------------------------------

  /** Text as somebody types it: −1,000 is -1000. */
  function typed(text) {
    return text.toLocaleLowerCase().replaceAll("−", "-").replaceAll(",", "");
  }

  function makeFilter(figure, input) {
    const rows = [...figure.querySelectorAll("tbody tr")].map((row) => ({
      row,
      text: typed([...row.cells].map((cell) => cell.textContent.trim()).join("\n")),
    }));
    const count = figure.querySelector(".count");
    const all = count.textContent;
    input.hidden = false;
    input.addEventListener("input", () => {
      const words = typed(input.value).split(/\s+/).filter(Boolean);
      for (const { row, text } of rows) row.hidden = !words.every((word) => text.includes(word));
      const shown = rows.filter(({ row }) => !row.hidden).length;
      count.textContent = words.length ? `${shown.toLocaleString("en")} of ${all}` : all;
    });
  }

  for (const figure of document.querySelectorAll("figure.table")) {
    makeSortable(figure.querySelector("table"));
    const input = figure.querySelector("input[type=search]");
    if (input) makeFilter(figure, input);
  }

  // ---- drawings as files -----------------------------------------------------------------------------

  // the drawing of the page itself: the page is enough, and does not hold it twice
  for (const link of document.querySelectorAll("figure.figure a.download")) {
    link.addEventListener("click", () => {
      const drawing = link.closest("figure").querySelector("svg");
      const text = new XMLSerializer().serializeToString(drawing);
      link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    });
  }

  // ---- contents ------------------------------------------------------------------------------------

  const contents = document.getElementById("contents");
  const links = [...contents.querySelectorAll("a")];
  const sections = links.map((link) => document.getElementById(link.hash.slice(1)));

  /** The section that is read: the last one begun above where links lead. The end of the page has room for
      several: there it is the one that was asked for, or the last. */
  function current() {
    const root = document.documentElement;
    const line = parseFloat(getComputedStyle(root).scrollPaddingTop) + 16;
    const read = sections.findLastIndex((section) => section.getBoundingClientRect().top < line);
    if (root.scrollTop === 0 || root.scrollTop + root.clientHeight < root.scrollHeight - 2) return Math.max(0, read);
    const asked = links.findIndex((link) => link.hash === location.hash);
    return asked > read ? asked : links.length - 1;
  }

  function mark() {
    const index = current();
    links.forEach((link, i) => {
      if (i === index) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    });
  }

  let waiting = false;
  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
    });
  }

  const wide = matchMedia("(min-width: 64rem)");
  const fold = () => { contents.querySelector("details").open = wide.matches; };
  wide.addEventListener("change", fold);
  fold();
  if (links.length) {
    for (const event of ["scroll", "resize", "hashchange"]) addEventListener(event, later, { passive: true });
    mark();
  }
})();
