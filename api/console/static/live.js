// Keeps the queue current: the server says when it has changed, and the list is fetched anew.

const CONNECT_AGAIN_MS = 15_000;
let source = null;
let seen = null;
let behind = false; // whether a change has been told that the list does not show yet

const queue = () => document.getElementById("queue");

function busy() {
  const selected = document.querySelector("#bulk tbody input:checked");
  return selected || document.querySelector("dialog[open]") || new URL(location.href).searchParams.has("cursor");
}

function mark(on) {
  const light = document.getElementById("live");
  if (!light) return;
  light.classList.toggle("on", on);
  light.textContent = on ? light.dataset.on : light.dataset.off;
}

function count(change) {
  const pill = document.getElementById("open-count");
  if (!pill) return;
  pill.textContent = String(change.new);
  pill.hidden = change.new === 0;
}

// The passive header tells the server that nobody pressed anything, so the session's idle clock runs on.
async function refresh() {
  behind = false;
  // A filter that got no answer is what the reader waits for; the list before it would look like the answer.
  const unanswered = document.querySelector('[data-failure="form"] button:not([hidden])');
  if (unanswered) return unanswered.click();
  await htmx.ajax("GET", location.pathname + location.search, {
    source: "#queue", target: "#queue", select: "#queue", swap: "outerHTML", headers: { "Fengsui-Passive": "1" },
  }).catch(() => null); // no connection: told beside the list
  mark(source?.readyState === EventSource.OPEN);
}

// The row in focus stays in focus, so that no key pressed meanwhile is lost.
let focused = null;
document.addEventListener("htmx:beforeSwap", () => {
  focused = document.activeElement?.closest("[data-row]")?.dataset.href ?? null;
});
document.addEventListener("htmx:afterSwap", () => {
  if (focused) document.querySelector(`[data-row][data-href="${CSS.escape(focused)}"]`)?.focus();
});

function listen() {
  source = new EventSource(queue().dataset.live);
  source.addEventListener("open", () => mark(true));
  source.addEventListener("error", () => {
    mark(false);
    // A refusal ends the stream for good, where the browser would resume a broken one.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, CONNECT_AGAIN_MS);
  });
  source.addEventListener("alerts", (message) => {
    const change = JSON.parse(message.data);
    count(change);
    behind ||= seen !== null && seen !== message.data;
    seen = message.data;
    if (behind && !busy()) refresh();
  });
}

if (queue()?.dataset.live) {
  addEventListener("load", listen);
  for (const failure of ["htmx:responseError", "htmx:sendError"]) document.addEventListener(failure, () => { behind = true; });
  document.addEventListener("htmx:afterSettle", () => mark(source?.readyState === EventSource.OPEN));
  addEventListener("pagehide", () => source?.close());
}
