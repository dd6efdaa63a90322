// What every page does: ways back lead to the list as it was left, and nothing typed is lost to a session that ended.

const LISTS = "list:", OPENED = "opened:", DRAFT = "draft", UNKEPT = "[type=password], [type=hidden], [type=file], [autocomplete=one-time-code], .check input";
const kept = (key) => JSON.parse(sessionStorage.getItem(key) ?? "null");
const keep = (key, value) => sessionStorage.setItem(key, JSON.stringify(value));
const here = () => location.pathname + location.search;
const whoever = () => document.querySelector(".who")?.textContent ?? "";

// A list is a page whose rows lead somewhere; what it showed is remembered for as long as the tab is open.
function leaveList() {
  const rows = [...document.querySelectorAll("[data-rows] [data-row][data-href]")].map((row) => row.dataset.href);
  if (rows.length > 0) keep(LISTS + location.pathname, { address: here(), rows });
}

function returnToRow() {
  const row = document.querySelector(`[data-row][data-href="${CSS.escape(kept(OPENED + location.pathname) ?? "")}"]`);
  if (!row || !document.referrer.startsWith(location.origin)) return;
  if (new URL(document.referrer).pathname === row.dataset.href) row.focus();
}

function leadBack() {
  for (const link of document.querySelectorAll(".crumbs a")) {
    const list = kept(LISTS + link.getAttribute("href"));
    if (!list?.rows.includes(location.pathname)) continue;
    keep(OPENED + link.getAttribute("href"), location.pathname);
    walk(list.rows);
    link.href = list.address;
  }
}

function walk(rows) {
  const place = rows.indexOf(location.pathname);
  const steps = document.querySelector("[data-walk]");
  if (!steps) return;
  for (const [name, to] of [["previous", rows[place - 1]], ["next", rows[place + 1]]]) {
    const link = steps.querySelector(`[data-step="${name}"]`);
    if (to) link.href = to;
    link.hidden = !to;
  }
  steps.querySelector("[data-place]").textContent = `${place + 1} / ${rows.length}`;
  steps.hidden = false;
}

// What was typed is kept from sending until the next page shows that it arrived.
const formsHere = () => [...document.querySelectorAll("form[method=post]")];
const typed = (form) => [...form.elements].filter((field) => field.name && !field.matches(UNKEPT) && field.type !== "submit");

function keepDraft(event) {
  const form = event.target;
  if (form.method !== "post" || !whoever() || event.defaultPrevented) return;
  if (typed(form).length === 0) return;
  const values = typed(form).map((field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value));
  keep(DRAFT, { address: here(), who: whoever(), action: form.getAttribute("action"), place: formsHere().indexOf(form), values, failed: false });
}

function bringBack(draft) {
  const form = formsHere()[draft.place];
  if (form?.getAttribute("action") !== draft.action || typed(form).length !== draft.values.length) return;
  typed(form).forEach((field, index) => {
    if (typeof draft.values[index] === "boolean") field.checked = draft.values[index];
    else field.value = draft.values[index];
  });
  for (let part = form.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  const told = Object.assign(document.createElement("p"), { className: "notice", textContent: document.body.dataset.restored });
  told.setAttribute("role", "status");
  document.getElementById("main").prepend(told);
}

function settleDraft() {
  const draft = kept(DRAFT);
  if (!draft) return;
  if (document.querySelector("form[action='/sign-in'], [data-refused]")) return keep(DRAFT, { ...draft, failed: true });
  if (!draft.failed) return sessionStorage.removeItem(DRAFT);
  if (draft.address !== here()) return;
  sessionStorage.removeItem(DRAFT);
  if (draft.who === whoever()) bringBack(draft);
}

addEventListener("pagehide", leaveList);
addEventListener("submit", keepDraft);
// On a narrow screen a row is a block without the table's head: its plain values carry the column's name.
function nameValues() {
  for (const table of document.querySelectorAll("table.rows")) {
    const names = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    for (const row of table.tBodies[0]?.rows ?? []) {
      for (const cell of row.cells) if (cell.matches(".num, .when") || cell.childElementCount === 0) cell.dataset.label = names[cell.cellIndex] ?? "";
    }
  }
}

for (const current of document.querySelectorAll(".shell nav [aria-current], .subnav [aria-current]")) current.scrollIntoView({ block: "nearest", inline: "center" });
document.addEventListener("htmx:afterSettle", nameValues);
nameValues();
leadBack();
returnToRow();
settleDraft();
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-history-back]")) history.back();
});
