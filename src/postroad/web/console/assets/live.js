// Regions that poll each second and morph in place. Our own extension of htmx:
// idiomorph's knows a swap style that is evaluated, which the policy forbids.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";

const SPEAK_EVERY = 10000;
let spoken = 0;

Idiomorph.defaults.ignoreActiveValue = true;
// What the reader opened stays open.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
  !(name === "open" && element.localName === "details");

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "...", swap: false, error: true },
];

htmx.defineExtension("morph", {
  isInlineSwap: () => false,
  handleSwap(style, target, fragment) {
    if (style !== "morph:innerHTML") return false;
    return Idiomorph.morph(target, [...fragment.childNodes], { morphStyle: "innerHTML" });
  },
});

const regionOf = (event) => event.detail.elt?.closest?.("[data-live]");
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

function grey(region, isStale) {
  const isNew = isStale && !region.classList.contains("pr-stale");
  region.classList.toggle("pr-stale", isStale);
  if (!isNew) return;
  let note = region.querySelector(":scope > .pr-stale-note");
  if (!note) {
    note = document.createElement("p");
    note.className = "pr-stale-note";
    region.append(note);
  }
  note.textContent = `Not refreshed since ${clock.format(new Date())}. Trying again each second.`;
}

function speak(region) {
  const text = region.querySelector("[data-say]")?.dataset.say;
  const urgent = region.querySelector("[data-alarm]")?.dataset.alarm;
  const place = document.getElementById("pr-say");
  if (!place || (!text && !urgent)) return;
  const isDue = performance.now() - spoken > SPEAK_EVERY || (urgent && urgent !== place.dataset.alarm);
  if (!isDue) return;
  spoken = performance.now();
  place.dataset.alarm = urgent || "";
  place.textContent = urgent || text;
}

export function listenForLive() {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (regionOf(event) && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const seen = regionOf(event)?.dataset.seen;
    if (seen) event.detail.parameters.seen = seen;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const region = regionOf(event);
    if (!region) return;
    const answer = event.detail.xhr;
    const seen = answer?.getResponseHeader("X-Seen");
    if (seen) region.dataset.seen = seen;
    grey(region, !event.detail.successful);
    if (event.detail.successful) speak(region);
  });
}
