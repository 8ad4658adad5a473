// Opens the forms of decisions in a dialog. Without this script they are pages of their own.
"use strict";
{
  const dialog = document.getElementById("deciding");
  const inside = dialog.querySelector("div");

  const say = (text) => { document.getElementById("announce").textContent = text; };

  // After a login in another window the forms here have the token of before.
  let outdated = false;
  const renew = async () => {
    const answer = await fetch(location.href);
    const there = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = there.querySelector("[name=token]")?.value;
    if (!answer.ok || !token) return;
    for (const field of document.querySelectorAll("[name=token]")) field.value = token;
    outdated = false;
  };

  const fail = (text) => {
    const notice = document.createElement("p");
    notice.className = "notice bad";
    notice.setAttribute("role", "alert");
    notice.textContent = text;
    inside.querySelector(".notice.bad")?.remove();
    inside.prepend(notice);
    if (!dialog.open) dialog.showModal();
  };

  // Sends a request, and shows the form or the result that comes back. What was typed stays in the
  // dialog until there is something to show instead.
  const ask = async (address, options = {}) => {
    let answer;
    let text;
    try {
      answer = await fetch(address, { ...options, headers: { "X-Fragment": "1" } });
      text = await answer.text();
    } catch {
      return fail(dialog.dataset.away);
    }
    const kind = answer.headers.get("Content-Type") ?? "";
    outdated ||= answer.status === 401 || answer.status === 403;
    if (kind.startsWith("application/problem+json")) return fail(JSON.parse(text).detail);
    if (!kind.startsWith("text/html") || text.includes("<html")) return fail(dialog.dataset.away);
    inside.innerHTML = text;
    const done = inside.querySelector("[data-done]");
    if (done) {
      dialog.close();
      say(dialog.dataset.done);
      const links = inside.querySelectorAll("a[href^='/cases/']");
      const ids = [...links].map((one) => one.getAttribute("href").split("/")[2]);
      const told = new CustomEvent("decided", { detail: ids, cancelable: true });
      if (document.dispatchEvent(told)) location.reload();
      return undefined;
    }
    if (!dialog.open) dialog.showModal();
    (inside.querySelector("[autofocus]") ?? inside.querySelector("h1")).focus();
    return undefined;
  };

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey) return;
    const link = event.target.closest("[data-decide]");
    if (link && !event.shiftKey) {
      event.preventDefault();
      ask(link.href);
    } else if (event.target.closest("#deciding [data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.id !== "several" && !dialog.contains(form)) return;
    event.preventDefault();
    const button = event.submitter;
    if (outdated) await renew().catch(() => {});
    const body = new URLSearchParams(new FormData(form, button));
    if (button) button.disabled = true; // the server would take a second click for the first
    await ask(form.action, { method: "POST", body });
    if (button) button.disabled = false;
  });

  globalThis.openDecision = ask;
}
