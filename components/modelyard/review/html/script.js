"use strict";
(() => {
  const entries = [...document.querySelectorAll(".tree .r")];
  const filter = document.getElementById("filter");
  const matches = document.getElementById("matches");
  const opened = new Map(entries.map((entry) => [entry, entry.open]));
  let filtering = false;

  function show() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) {
      for (const entry of entries) {
        entry.hidden = false;
        entry.open = filtering ? opened.get(entry) : entry.open;
      }
      filtering = false;
      matches.textContent = "";
      return;
    }
    if (!filtering) {
      for (const entry of entries) opened.set(entry, entry.open);
      filtering = true;
    }
    const kept = new Set();
    let found = 0;
    for (const entry of entries) {
      if (!words.every((word) => entry.dataset.s.includes(word))) continue;
      found += 1;
      kept.add(entry);
      for (let above = entry.parentElement.closest(".r"); above && !kept.has(above); above = above.parentElement.closest(".r")) {
        kept.add(above);
      }
    }
    for (const entry of entries) {
      entry.hidden = !kept.has(entry);
      entry.open = kept.has(entry) && entry.querySelector(":scope > .r") !== null;
    }
    matches.textContent = found === 1 ? "1 match" : `${found.toLocaleString("en")} matches`;
  }

  let waiting;
  filter.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 120);
  });
  document.getElementById("expand").addEventListener("click", () => entries.forEach((entry) => { entry.open = !entry.hidden; }));
  document.getElementById("collapse").addEventListener("click", () => entries.forEach((entry) => { entry.open = false; }));
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      filter.focus();
    }
  });
})();
