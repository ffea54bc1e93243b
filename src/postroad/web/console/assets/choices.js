// Rows with a checkbox: choose all, how many are chosen, and buttons that
// wake when something is. Also: a select or checkbox with data-submit sends
// its form, and a form is sent once.
function count(form) {
  const boxes = [...form.querySelectorAll("[data-choice]")];
  const chosen = boxes.filter((box) => box.checked).length;
  form.querySelectorAll("[data-chosen]").forEach((place) => (place.textContent = chosen));
  form.querySelectorAll("[data-when-chosen]").forEach((part) => (part.hidden = chosen === 0));
  form.querySelectorAll("[data-when-none]").forEach((part) => (part.hidden = chosen > 0));
  const all = form.querySelector("[data-choose-all]");
  if (!all) return;
  all.checked = boxes.length > 0 && chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
}

let last = null;

function range(form, box, shift) {
  const boxes = [...form.querySelectorAll("[data-choice]")];
  if (shift && last && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    boxes.slice(from, to + 1).forEach((one) => (one.checked = box.checked));
  }
  last = box;
}

function wake(input) {
  const button = document.getElementById(input.dataset.wakes);
  const plain = (text) => text.replace(/[\s,.]/g, "").toLowerCase();
  if (button) button.disabled = plain(input.value) !== plain(input.dataset.expects);
}

// A button that waits for its word sleeps from the beginning, in a dialog too.
export const letSleep = (part) => part.querySelectorAll("[data-wakes]").forEach(wake);

export function listenForChoices() {
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-choices]");
    if (form && event.target.matches("[data-choice]")) range(form, event.target, event.shiftKey);
    if (form && event.target.closest("[data-none]")) {
      form.querySelectorAll("[data-choice]").forEach((box) => (box.checked = false));
      count(form);
    }
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-choices]");
    if (form && event.target.matches("[data-choose-all]")) {
      form.querySelectorAll("[data-choice]").forEach((box) => (box.checked = event.target.checked));
    }
    if (form) count(form);
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-wakes]")) wake(event.target);
  });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    if (event.target.dataset.sent) return event.preventDefault();
    event.target.dataset.sent = "1";
  });
  // A page that comes back from the history can be sent again.
  addEventListener("pageshow", () =>
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent),
  );
  document.querySelectorAll("[data-choices]").forEach(count);
  letSleep(document);
}
