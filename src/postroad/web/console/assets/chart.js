// Line charts: <figure data-chart="URL" data-height="180"> draws what the URL
// answers: {x: [unix seconds], series: [{label, token, values, fill}], events: [{x, label}]}.
// Colours come from the tokens and follow the theme.
import uPlot from "uplot";

const EVERY = 5000;

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

const eventLines = (events) => ({
  hooks: {
    draw: (plot) => {
      const { ctx, bbox } = plot;
      ctx.save();
      ctx.strokeStyle = colour("line-2");
      ctx.fillStyle = colour("warn");
      ctx.font = `${11 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`;
      ctx.setLineDash([4, 4]);
      events.forEach((event) => {
        const x = plot.valToPos(event.x, "x", true);
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        ctx.fillText(event.label, x + 6, bbox.top + 12 * devicePixelRatio);
      });
      ctx.restore();
    },
  },
});

function options(figure, answer) {
  const ink = colour("ink-2");
  const grid = { stroke: colour("line"), width: 1 };
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: ink, grid, ticks: { show: false }, font };
  return {
    width: figure.clientWidth,
    height: Number(figure.dataset.height || 180),
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [{ ...axis, grid: { show: false }, values: [[60, "{HH}:{mm}"], [1, "{HH}:{mm}:{ss}"]] }, axis],
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
    plugins: [eventLines(answer.events || [])],
  };
}

function chart(figure) {
  let plot = null;
  let answer = null;
  const draw = () => {
    plot?.destroy();
    const data = [answer.x, ...answer.series.map((one) => one.values)];
    plot = new uPlot(options(figure, answer), data, figure);
  };
  const load = async () => {
    if (document.hidden) return;
    const response = await fetch(figure.dataset.chart, { headers: { Accept: "application/json" } });
    if (!response.ok) return;
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
