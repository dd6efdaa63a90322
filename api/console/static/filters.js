// Keeps the address short: empty filters ask for nothing and are left out of it.

document.addEventListener("htmx:configRequest", (event) => {
  const { parameters, verb } = event.detail;
  if (verb !== "get") return;
  for (const name of Object.keys(parameters)) {
    if (parameters[name] === "" || (name === "sort" && parameters[name] === "severity")) delete parameters[name];
  }
});
