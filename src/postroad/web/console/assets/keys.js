// Single keys, off in fields. What a key does is written in the page:
// data-key="p" on a link, button or form's button; data-go="c" on a navigation link.
const OFF = "postroad_keys_off";
const inField = (element) =>
  element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-rows] > tr[id]")];

let going = -Infinity;

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const at = all.findIndex((row) => row.classList.contains("pr-cursor"));
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 && step < 0 ? 0 : at + step))];
  all[at]?.classList.remove("pr-cursor");
  next.classList.add("pr-cursor");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a[href]")?.focus({ preventScroll: true });
  return true;
}

const cursor = () => document.querySelector("[data-rows] > tr.pr-cursor");
const choose = () => cursor()?.querySelector("input[type=checkbox]")?.click();

function press(selector) {
  const target = document.querySelector(selector);
  if (!target) return false;
  target.click();
  return true;
}

function showKeys() {
  const dialog = document.getElementById("pr-keys");
  if (!dialog || dialog.open) return false;
  dialog.showModal();
  return true;
}

const find = () => {
  const box = document.querySelector("[data-find]");
  box?.focus();
  box?.select();
  return Boolean(box);
};

function act(key) {
  if (performance.now() - going < 1500) {
    going = -Infinity;
    if (press(`[data-go="${CSS.escape(key)}"]`)) return true;
  }
  switch (key) {
    case "/": return find();
    case "?": return showKeys();
    case "g": going = performance.now(); return true;
    case "j": return move(1);
    case "k": return move(-1);
    case "x": choose(); return true;
    case "z": return press("[data-undo]");
    case "Escape": return press("[data-none]");
    default: return press(`[data-key="${CSS.escape(key)}"]`);
  }
}

export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.target.closest("form")?.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (inField(event.target) && event.key === "Escape") event.target.blur();
    if (inField(event.target) || document.querySelector("dialog[open]")) return;
    if (localStorage.getItem(OFF)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (act(key)) event.preventDefault();
  });
  const box = document.querySelector("[data-keys-off]");
  if (!box) return;
  box.checked = Boolean(localStorage.getItem(OFF));
  box.addEventListener("change", () =>
    box.checked ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF),
  );
}
