// Lets clocks count: down to their deadline, then up from it. The words come with the page.

const pad = (number) => String(number).padStart(2, "0");

function span(milliseconds, days) {
  const seconds = Math.floor(milliseconds / 1000);
  const whole = Math.floor(seconds / 86_400);
  const rest = `${pad(Math.floor(seconds / 3600) % 24)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return whole > 0 ? `${whole} ${days} ${rest}` : rest;
}

function tick() {
  const now = Date.now();
  for (const element of document.querySelectorAll("[data-due]")) {
    const { due, left, late, days } = element.dataset;
    const remaining = Number(due) - now;
    element.textContent = `${remaining >= 0 ? left : late} ${span(Math.abs(remaining), days)}`;
    if (!element.title) element.title = new Date(Number(due)).toLocaleString(document.documentElement.lang);
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSettle", tick);
