// Before and after.
for (const slider of document.querySelectorAll(".slider")) {
  const input = slider.querySelector("input");
  input.addEventListener("input", () => slider.style.setProperty("--at", `${input.value}%`));
}

// Plots, in the colours of the scheme; drawn again when that changes.
const dark = matchMedia("(prefers-color-scheme: dark)");
function drawPlots() {
  const style = getComputedStyle(document.documentElement);
  const named = {foreground: "--ink", grid: "--line", background: "--paper"};
  document.querySelectorAll(".plot").forEach((place, number) => {
    let text = place.querySelector("script").textContent;
    for (const [name, variable] of Object.entries(named)) {
      text = text.replaceAll(COLOURS[name], style.getPropertyValue(variable).trim());
    }
    place.querySelector(".canvas")?.remove();
    const canvas = document.createElement("div");
    canvas.className = "canvas";
    canvas.id = `plot-${number}-${dark.matches}`;
    place.append(canvas);
    Bokeh.embed.embed_item(JSON.parse(text), canvas.id);
  });
}
if (window.Bokeh) {
  drawPlots();
  dark.addEventListener("change", drawPlots);
}

// Borders: a small frame, extended; the window at one position, and where its taps look.
const SVG = "http://www.w3.org/2000/svg";
function shape(parent, tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
}
for (const figure of document.querySelectorAll(".border")) {
  const table = JSON.parse(figure.dataset.table);
  const {rows, columns, top, left, height, width, windowRows, windowColumns} = table;
  const svg = figure.querySelector("svg"), note = figure.querySelector(".note");
  const [row, column] = figure.querySelectorAll("input"), play = figure.querySelector("button");
  row.max = rows.length - windowRows;
  column.max = columns.length - windowColumns;
  svg.setAttribute("viewBox", `-0.2 -0.2 ${columns.length + 0.4} ${rows.length + 0.4}`);
  // Paler outside of the frame.
  const colour = (y, x, outside) => y === null || x === null ? "#bbb"
    : `hsl(${360 * x / width} ${outside ? 35 : 70}% ${(outside ? 65 : 55) + 25 * y / height}%)`;
  function draw() {
    const y0 = Number(row.value), x0 = Number(column.value);
    svg.replaceChildren();
    let reused = 0;
    const arrows = [], labels = [];
    rows.forEach((y, at) => columns.forEach((x, along) => {
      const outside = at < top || at >= top + height || along < left || along >= left + width;
      shape(svg, "rect", {x: along + 0.03, y: at + 0.03, width: 0.94, height: 0.94, rx: 0.1,
        fill: colour(y, x, outside), class: outside ? "outside" : "inside"});
      if (columns.length <= 16) {
        labels.push([along + 0.5, at + 0.62, y === null || x === null ? "value" : `${y},${x}`]);
      }
      const inWindow = at >= y0 && at < y0 + windowRows && along >= x0 && along < x0 + windowColumns;
      if (inWindow && outside) {
        reused += 1;
        if (y !== null && x !== null) arrows.push([along, at, x + left, y + top]);
      }
    }));
    shape(svg, "rect", {x: left, y: top, width, height, class: "frame"});
    for (const [x1, y1, x2, y2] of arrows) {
      shape(svg, "line", {x1: x1 + 0.5, y1: y1 + 0.5, x2: x2 + 0.5, y2: y2 + 0.5});
      shape(svg, "circle", {cx: x2 + 0.5, cy: y2 + 0.5, r: 0.12});
    }
    for (const [x, y, text] of labels) shape(svg, "text", {x, y}, text);
    shape(svg, "rect", {x: x0, y: y0, width: windowColumns, height: windowRows, class: "window"});
    note.textContent = `Output row ${y0}, column ${x0}: ${reused} of ` +
      `${windowRows * windowColumns} taps lie on the border.`;
  }
  let timer = 0;
  function step() {
    const count = Number(column.max) + 1, all = count * (Number(row.max) + 1);
    const next = (Number(row.value) * count + Number(column.value) + 1) % all;
    row.value = Math.floor(next / count);
    column.value = next % count;
    draw();
  }
  play.addEventListener("click", () => {
    if (timer) clearInterval(timer);
    timer = timer ? 0 : setInterval(step, 350);
    play.textContent = timer ? "stop" : "play";
  });
  row.addEventListener("input", draw);
  column.addEventListener("input", draw);
  draw();
}
