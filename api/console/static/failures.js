// Says in place when a part of the page could not be fetched: what stands there is as it was before.

const POLL_AGAIN_MS = 10_000;
const failed = new Map(); // element → when its last request failed
const words = document.getElementById("failure");
const passive = (config) => "Fengsui-Passive" in config.headers;
const noteOf = (target) => (target.previousElementSibling?.matches("[data-failure]") ? target.previousElementSibling : null);

const parsed = (xhr) => new DOMParser().parseFromString(xhr.responseText || "", "text/html");

// The console's own answer says it best; anything else (a proxy's page, no answer at all) is told by its status.
function told(xhr) {
  const page = parsed(xhr);
  const title = page.querySelector("[data-refused] h1")?.textContent;
  const detail = page.querySelector("[data-refused] [data-detail]")?.textContent ?? "";
  return { title: title ?? words.dataset[`status${xhr.status}`] ?? words.dataset.other, detail };
}

function fetchAgain(element) {
  if (element.matches("form")) return element.requestSubmit();
  const path = element.getAttribute("hx-get");
  return path ? htmx.ajax("GET", path, { source: element }).catch(() => null) : location.reload();
}

function note(element, xhr) {
  const made = words.content.firstElementChild.cloneNode(true);
  const { title, detail } = told(xhr);
  made.querySelector("[data-told]").textContent = title;
  made.querySelector("[data-told-detail]").textContent = detail;
  made.querySelector("time").textContent = new Date().toLocaleTimeString(document.documentElement.lang);
  if (element.matches("form")) made.dataset.failure = "form";
  const [again, signIn] = made.querySelectorAll("button, a");
  again.hidden = xhr.status === 401;
  signIn.hidden = xhr.status !== 401;
  signIn.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  again.addEventListener("click", () => { failed.delete(element); fetchAgain(element); });
  return made;
}

// A poll that fails again says so only once: a screen reader would read each new note aloud.
function tell({ detail: { elt: element, target, xhr, requestConfig } }) {
  failed.set(element, Date.now());
  if (!target?.isConnected) return;
  const made = note(element, xhr), stands = noteOf(target);
  const same = stands?.querySelector("[data-told]").textContent === made.querySelector("[data-told]").textContent;
  if (same && passive(requestConfig)) return;
  stands?.remove();
  target.before(made);
  // What never came has nothing before it that could be out of date.
  const awaited = target.querySelector("[data-loading]");
  made.querySelector("[data-kept]").hidden = target.hidden = Boolean(awaited);
  target.classList.toggle("stale", !awaited);
}

function forget(target, element) {
  failed.delete(element);
  noteOf(target)?.remove();
  target.classList.remove("stale");
  target.hidden = false;
}

// An answer without the part that was asked for would empty the page: that is a failure too.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  const wanted = detail.selectOverride ?? detail.requestConfig.elt.getAttribute("hx-select");
  if (detail.xhr.status >= 400 && !(wanted && parsed(detail.xhr).querySelector(wanted))) {
    detail.shouldSwap = false;
    detail.isError = true;
  }
  if (detail.shouldSwap) forget(detail.target, detail.requestConfig.elt);
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (passive(requestConfig) && Date.now() - (failed.get(elt) ?? 0) < POLL_AGAIN_MS) event.preventDefault();
});
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, tell);
