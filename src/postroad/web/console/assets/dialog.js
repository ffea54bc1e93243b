// A link with data-dialog opens its page's question in a dialog. Without this
// file it is a page of its own, with the same form.
import htmx from "htmx.org";
import { letSleep } from "./choices.js";

export function listenForDialogs() {
  const dialog = document.getElementById("pr-dialog");
  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-close]") && event.target.closest("dialog")) {
      event.preventDefault();
      event.target.closest("dialog").close();
      return;
    }
    const link = event.target.closest("a[data-dialog]");
    if (!link || !dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await htmx.ajax("GET", link.href, { target: dialog, swap: "innerHTML" });
    if (!dialog.firstElementChild) return location.assign(link.href);
    letSleep(dialog);
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[data-focus]")?.focus();
  });
  dialog?.addEventListener("close", () => dialog.replaceChildren());
}
