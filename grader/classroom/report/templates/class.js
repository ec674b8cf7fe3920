"use strict";
const value = (row, column) => {
  const cell = row.cells[column], number = cell.dataset.value;
  return number === undefined ? cell.textContent.trim().toLowerCase() : Number(number);
};
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0], rows = Array.from(body.rows);
  for (const button of table.querySelectorAll("th button")) {
    button.addEventListener("click", () => {
      const head = button.parentElement, column = head.cellIndex;
      const down = head.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("th").forEach((th) => th.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort((a, b) => {
        const x = value(a, column), y = value(b, column);
        const order = typeof x === "number" ? x - y : x.localeCompare(y, undefined, {numeric: true});
        return down ? -order : order;
      });
      body.append(...rows);
    });
  }
}
const students = Array.from(document.querySelectorAll("table.matrix tbody tr"));
const results = Array.from(document.querySelectorAll("table.results tbody tr"));
const words = document.getElementById("words"), flag = document.getElementById("flag");
const mistake = document.getElementById("mistake"), count = document.getElementById("count");
const page = (row) => (row.querySelector("a")?.getAttribute("href") ?? "").split("#")[0];
const filter = () => {
  const text = words.value.trim().toLowerCase(), shown = new Set();
  let number = 0;
  for (const row of students) {
    const fits = row.cells[0].textContent.toLowerCase().includes(text) &&
      (!flag.value || row.dataset.flags.split(" ").includes(flag.value)) &&
      (!mistake?.value || row.dataset.mistakes.split(" ").includes(mistake.value));
    row.hidden = !fits;
    number += fits;
    if (fits) shown.add(page(row));
  }
  for (const row of results) row.hidden = !shown.has(page(row));
  count.textContent = count.dataset.say.replace("{n}", number).replace("{all}", students.length);
};
words.addEventListener("input", filter);
for (const menu of [flag, mistake]) menu?.addEventListener("change", filter);
