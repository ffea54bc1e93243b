// The navigation as a drawer below 768 px.
export function listenForDrawer() {
  const shell = document.querySelector(".pr-shell");
  const side = document.getElementById("pr-side");
  const opener = document.querySelector("[data-drawer]");
  if (!shell || !side || !opener) return;
  const set = (open) => {
    shell.classList.toggle("pr-side-open", open);
    opener.setAttribute("aria-expanded", String(open));
    (open ? side.querySelector("a") : opener).focus();
  };
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    set(true);
  });
  document.querySelector(".pr-veil")?.addEventListener("click", () => set(false));
  side.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shell.classList.contains("pr-side-open")) set(false);
  });
}
