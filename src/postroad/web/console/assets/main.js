// Pages work without this file; it makes them live, quick and kind to keys.
import { listenForTheme } from "./theme.js";
import { listenForDrawer } from "./drawer.js";
import { listenForKeys } from "./keys.js";
import { listenForDialogs } from "./dialog.js";
import { listenForToast } from "./toast.js";
import { listenForChoices } from "./choices.js";
import { listenForLive } from "./live.js";
import { drawCharts } from "./chart.js";

listenForTheme();
listenForLive();

document.addEventListener("DOMContentLoaded", () => {
  listenForDrawer();
  listenForKeys();
  listenForDialogs();
  listenForToast();
  listenForChoices();
  drawCharts();
  document.querySelector("[data-focus]")?.focus();
});
