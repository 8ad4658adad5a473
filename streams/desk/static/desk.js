// What every page does: nothing of its own accord that a form or a link could not do as well.
"use strict";

htmx.config.includeIndicatorStyles = false; // styles of its own would need another policy
htmx.config.allowEval = false;
htmx.config.historyCacheSize = 0; // names of people do not stay in the browser
htmx.config.selfRequestsOnly = true;

// A session has ended, or a page is older than it: sent without htmx, the form comes back filled in.
document.addEventListener("htmx:responseError", (event) => {
  const { elt, xhr, requestConfig } = event.detail;
  const form = elt.closest("form");
  if (form === null || form.method !== "post" || ![401, 403].includes(xhr.status)) {
    return;
  }
  const pressed = requestConfig.triggeringEvent?.submitter;
  if (pressed?.name) {
    const named = document.createElement("input");
    Object.assign(named, { type: "hidden", name: pressed.name, value: pressed.value });
    form.append(named);
  }
  form.submit();
});
