"use strict";
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const narrow = window.matchMedia("(max-width: 40rem)");

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function themed(layout) {
    const axis = (name) => name in layout && { [name]: { ...layout[name], gridcolor: colour("--rule"), zerolinecolor: colour("--rule"), fixedrange: true } };
    return {
      ...layout,
      title: { ...layout.title, x: 0, xref: "container", font: { size: 15 } },
      font: { color: colour("--text"), family: getComputedStyle(document.body).fontFamily, size: narrow.matches ? 11 : 13 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: 8, r: narrow.matches ? 12 : 24, t: 44, b: 40 },
      ...axis("xaxis"),
      ...axis("yaxis"),
      dragmode: false,
    };
  }

  // The library's own legend takes its room from the bars on a narrow screen; this one wraps below them.
  function legend(place, figure) {
    const list = document.createElement("ul");
    list.className = "legend";
    for (const trace of figure.data) {
      if (!trace.name || trace.showlegend === false) continue;
      const entry = document.createElement("li");
      const colour = document.createElement("i");
      colour.style.background = trace.marker.color;
      if (trace.type === "scatter") colour.className = "mark";
      entry.append(colour, trace.name);
      list.append(entry);
    }
    if (list.childElementCount) place.after(list);
    place.dataset.legend = "drawn";
  }

  function draw() {
    for (const [id, figure] of Object.entries(figures)) {
      const place = document.getElementById(id);
      if (place) {
        if (!place.dataset.legend) legend(place, figure);
        Plotly.react(place, figure.data, themed(figure.layout), { responsive: true, displaylogo: false, displayModeBar: false });
      }
    }
  }
  draw();
  dark.addEventListener("change", draw);
  narrow.addEventListener("change", draw);

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
