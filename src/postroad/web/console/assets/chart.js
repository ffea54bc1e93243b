// Line charts: <div data-chart="URL" data-height="180"> draws what the URL
// answers: {x: [unix seconds], series: [{label, token, values, fill}], marks: [{x, word, token}],
// zone, over}. Colours come from the tokens and follow the theme; a mark is a dashed line, with its
// word where there is room. Without a point the paragraph beside it is shown.
import uPlot from "uplot";

const EVERY = 5000;
const TIMES = [[86400, "{D} {MMM}"], [60, "{HH}:{mm}"], [1, "{HH}:{mm}:{ss}"]];

function colour(token) {
  const probe = document.createElement("span");
  probe.className = "pr-reader";
  document.body.append(probe);
  probe.style.color = `var(--pr-${token})`;
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const softly = (value) => value.replace(/^rgb\((.*)\)$/, "rgba($1, .12)");

function drawMarks(plot, marks, font) {
  const { ctx, bbox } = plot;
  const unit = devicePixelRatio;
  const end = bbox.left + bbox.width;
  let free = bbox.left;
  ctx.save();
  ctx.font = font.replace(/^\d+/, (size) => Math.round(size * unit));
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  ctx.lineWidth = unit;
  ctx.setLineDash([4 * unit, 3 * unit]);
  for (const mark of marks) {
    const x = Math.round(plot.valToPos(mark.x, "x", true)) + 0.5;
    if (x < bbox.left || x > end) continue;
    ctx.strokeStyle = ctx.fillStyle = colour(mark.token);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(mark.word).width;
    const right = x + 4 * unit;
    const left = right + width > end ? x - 4 * unit - width : right;
    if (left >= free) {
      ctx.fillText(mark.word, left, bbox.top);
      free = left + width + 8 * unit;
    }
  }
  ctx.restore();
}

function options(figure, answer) {
  const marks = answer.marks ?? [];
  const ink = colour("ink-2");
  const grid = { stroke: colour("line"), width: 1 };
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: ink, grid, ticks: { show: false }, font };
  return {
    width: figure.clientWidth,
    height: Number(figure.dataset.height || 180),
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * (marks.length ? 1.25 : 1.1))] } },
    hooks: { draw: [(plot) => drawMarks(plot, marks, font)] },
    axes: [{ ...axis, size: 28, grid: { show: false }, values: TIMES }, axis],
    series: [
      {},
      ...answer.series.map((one) => ({
        label: one.label,
        stroke: colour(one.token),
        fill: one.fill ? softly(colour(one.token)) : undefined,
        width: 1.5,
        points: { show: false },
      })),
    ],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), answer.zone),
  };
}

function chart(figure) {
  const none = figure.parentElement.querySelector(".pr-chart-none");
  let plot = null;
  let answer = null;
  const draw = () => {
    const isEmpty = answer.x.length === 0;
    plot?.destroy();
    plot = null;
    figure.hidden = isEmpty;
    if (none) none.hidden = !isEmpty;
    if (isEmpty) return;
    const data = [answer.x, ...answer.series.map((one) => one.values)];
    plot = new uPlot(options(figure, answer), data, figure);
  };
  const load = async () => {
    if (document.hidden && answer) return;
    const response = await fetch(figure.dataset.chart, { headers: { Accept: "application/json" } });
    if (!response.ok || response.redirected) return;
    answer = await response.json();
    draw();
    if (answer.over) clearInterval(timer);
  };
  const timer = setInterval(() => load().catch(() => {}), EVERY);
  load().catch(() => {});
  document.addEventListener("pr:theme", () => answer && draw());
  addEventListener("resize", () => plot?.setSize({ width: figure.clientWidth, height: plot.height }));
}

export const drawCharts = () => document.querySelectorAll("[data-chart]").forEach(chart);
