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

  // The library's own legend takes its room from the chart on a narrow screen; this one wraps below it.
  function legend(place, figure) {
    const list = document.createElement("ul");
    list.className = "legend";
    for (const trace of figure.data) {
      if (!trace.name || trace.showlegend === false) continue;
      const entry = document.createElement("li");
      const mark = document.createElement("i");
      mark.style.background = trace.marker.color;
      if (trace.type === "scatter") mark.className = "mark";
      entry.append(mark, trace.name);
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
})();
