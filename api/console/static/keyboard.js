// Keyboard shortcuts, row selection and dialogs.

const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
const focusable = (row) => row.querySelector("summary") ?? row;
const boxes = () => [...document.querySelectorAll("#bulk tbody input[type=checkbox]")];

function current() {
  return document.activeElement?.closest("[data-row]") ?? null;
}

function move(step) {
  const all = rows();
  const index = all.indexOf(current());
  const next = all[Math.min(Math.max(index + step, 0), all.length - 1)];
  if (!next) return;
  for (const row of all) if (row.hasAttribute("tabindex")) row.tabIndex = row === next ? 0 : -1;
  focusable(next).focus();
  next.scrollIntoView({ block: "nearest" });
}

function open(row) {
  if (row?.dataset.href) location.assign(row.dataset.href);
}

function toggle(row) {
  const box = row?.querySelector("input[type=checkbox]");
  if (box) { box.checked = !box.checked; countSelected(); }
}

function countSelected() {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const chosen = boxes().filter((box) => box.checked).length;
  bar.hidden = chosen === 0;
  bar.querySelector("[data-selected]").textContent = String(chosen);
  const all = document.querySelector("[data-check-all]");
  if (all) { all.checked = chosen > 0 && chosen === boxes().length; all.indeterminate = chosen > 0 && !all.checked; }
}

// On a list, a shortcut acts on the selection, or on the row in focus when nothing is selected.
function press(key) {
  if (document.querySelector("#bulk") && "ac".includes(key) && !boxes().some((box) => box.checked)) toggle(current());
  const target = document.querySelector(`[data-key="${key}"]`);
  if (!target || target.closest("[hidden]")) return;
  target.click();
}

function show(name) {
  const dialog = document.getElementById(name);
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("input, textarea, button")?.focus();
}

const shortcuts = {
  j: () => move(1), k: () => move(-1), ArrowDown: () => current() && move(1), ArrowUp: () => current() && move(-1),
  Enter: () => open(current()), x: () => toggle(current()),
  a: () => press("a"), c: () => press("c"), u: () => press("u"), n: () => press("n"), p: () => press("p"),
  "/": () => document.querySelector("[data-search]")?.focus(), "?": () => show("shortcuts"),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]");
  if (typing && event.key === "Escape" && !event.target.closest("dialog")) event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !(event.key in shortcuts)) return;
  if (event.key === "Enter" && !event.target.matches("[data-row][data-href]")) return;
  if (event.key.startsWith("Arrow") && !current()) return;
  event.preventDefault();
  shortcuts[event.key]();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) return show(opener.dataset.open);
  if (event.target.closest("[data-dismiss]")) return event.target.closest("dialog").close();
  const row = event.target.closest("tr[data-row]");
  if (row && !event.target.closest("a, input, button, .check") && !getSelection().toString()) open(row);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-check-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  if (event.target.closest("#bulk")) countSelected();
});

// Closing needs a disposition; the radios are required only while the dialog is what submits.
document.addEventListener("submit", (event) => {
  const closing = event.submitter?.value === "close";
  if (closing && !event.target.querySelector("input[name=disposition]:checked")) {
    event.preventDefault();
    event.target.querySelector("input[name=disposition]")?.focus();
  }
});

document.addEventListener("htmx:afterSettle", countSelected);
countSelected();
