"use strict";
const table = document.querySelector("table.students");
if (table) {
  const body = table.tBodies[0], rows = Array.from(body.rows);
  const count = document.getElementById("count");
  const value = (row, i) => {
    const cell = row.cells[i], n = cell.dataset.value;
    return n === undefined ? cell.textContent.trim().toLowerCase() : Number(n);
  };
  table.querySelectorAll("th button").forEach((button) => {
    button.addEventListener("click", () => {
      const head = button.parentElement, i = head.cellIndex;
      const down = head.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("th").forEach((th) => th.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort((a, b) => {
        const x = value(a, i), y = value(b, i);
        const order = typeof x === "number" ? x - y : x.localeCompare(y);
        return down ? -order : order;
      });
      body.append(...rows);
    });
  });
  const words = document.getElementById("filter"), which = document.getElementById("outcome");
  const filter = () => {
    const text = words.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = row.textContent.toLowerCase().includes(text) &&
        (!which.value || row.dataset.outcome === which.value);
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} of ${rows.length} shown`;
  };
  words.addEventListener("input", filter);
  which.addEventListener("change", filter);
}
