// Light and dark: as the reader's system prefers, or as chosen here; the choice is kept where the browser keeps such
// things for pages from disk, and only there.

const themes = ["auto", "light", "dark"];
const theme_key = "ipcvet-theme";

function stored_theme() {
  try {
    return one_of(localStorage.getItem(theme_key), themes, "auto");
  } catch {
    return "auto";
  }
}

function theme_button() {
  let theme = stored_theme();
  const button = el("button", {type: "button", class: "theme", onclick: () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try {
      localStorage.setItem(theme_key, theme);
    } catch {
      // Not kept, then.
    }
    show();
  }});
  function show() {
    document.documentElement.dataset.theme = theme;
    button.textContent = {auto: "◐ Auto", light: "○ Light", dark: "● Dark"}[theme];
    button.setAttribute("aria-label", `Theme: ${theme}. Change it`);
  }
  show();
  return button;
}
