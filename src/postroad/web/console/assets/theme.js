// The manager's choice is a cookie, so that the server writes the attribute and
// nothing flashes. Without a choice the system's is followed.
const COOKIE = "postroad_theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

const chosen = () => document.documentElement.dataset.theme || "system";

function apply(choice) {
  const root = document.documentElement;
  root.dataset.theme = choice;
  // Tabler's own rules know only the attribute.
  root.dataset.bsTheme = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
  document.dispatchEvent(new CustomEvent("pr:theme"));
}

function remember(choice) {
  const age = choice === "system" ? 0 : 31536000;
  document.cookie = `${COOKIE}=${choice}; path=/; max-age=${age}; samesite=lax`;
}

export function listenForTheme() {
  apply(chosen());
  dark.addEventListener("change", () => apply(chosen()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-next]")) return;
    const order = dark.matches ? ["system", "light", "dark"] : ["system", "dark", "light"];
    const next = order[(order.indexOf(chosen()) + 1) % order.length];
    apply(next);
    remember(next);
    const say = document.getElementById("pr-say");
    if (say) say.textContent = `Theme: ${next}`;
  });
}
