// Keys for the queue, and rows that change in place. Nothing moves unless somebody asks for it.
"use strict";
{
  const rows = document.getElementById("rows");
  const several = document.getElementById("several");
  const selected = document.getElementById("selected");
  const help = document.getElementById("keys");
  const anew = document.getElementById("anew");
  const lost = document.getElementById("lost");
  const search = document.getElementById("search");
  const announce = document.getElementById("announce");
  let hears = true;

  const all = () => [...(rows?.children ?? [])];
  const row = () => document.activeElement?.closest?.("#rows tr") ?? all().find((one) => one.dataset.at);
  const boxes = () => [...(rows?.querySelectorAll("[name=case]") ?? [])];

  // ------------------------------------------------------------------------------------- keys

  const focus = (one) => {
    if (!one) return;
    for (const other of all()) delete other.dataset.at;
    one.dataset.at = "1"; // where one was, when the focus comes back from elsewhere
    one.querySelector(".open").focus();
  };

  const move = (by) => {
    const known = all();
    const at = known.indexOf(row());
    focus(known[at < 0 ? 0 : Math.min(Math.max(at + by, 0), known.length - 1)]);
  };

  const count = () => {
    if (!selected) return;
    const number = boxes().filter((box) => box.checked).length;
    selected.textContent = number ? selected.dataset.some.replace("{number}", number) : selected.dataset.none;
  };

  const select = (box, checked) => {
    if (!box) return;
    box.checked = checked;
    count();
  };

  const decide = (kind) => {
    if (!several) return;
    if (boxes().some((box) => box.checked)) {
      const wanted = kind === "decide" ? "propose" : kind;
      several.requestSubmit(several.querySelector(`[value=${wanted}]`));
      return;
    }
    const link = row()?.querySelector(".open");
    if (!link) return;
    focus(row());
    const back = location.pathname + location.search;
    const asked = new URLSearchParams({ kind, back, version: link.dataset.version });
    openDecision(`${link.getAttribute("href")}/decide?${asked}`);
  };

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => { const box = row()?.querySelector("[name=case]"); select(box, !box?.checked); },
    a: () => decide("acknowledge"),
    s: () => decide("snooze"),
    d: () => decide("decide"),
    n: () => decide("note"),
    "/": () => { search.focus(); search.select(); },
    "?": () => help.showModal(),
    Enter: () => row()?.querySelector(".open").click(),
    Escape: () => boxes().forEach((box) => select(box, false)),
  };

  const types = (element) => element.matches?.(
    "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])",
  );

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (types(event.target)) {
      if (event.key === "Escape" && event.target === search) focus(row() ?? all()[0]);
      return;
    }
    if (localStorage.getItem("keys") === "off" && event.key !== "Escape") return;
    // What has the focus and answers to Enter itself is left alone.
    if (event.key === "Enter" && event.target !== document.body) return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (!act) return;
    event.preventDefault();
    act();
  });

  const on = help.querySelector("#keys-on");
  on.checked = localStorage.getItem("keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));
  const button = document.getElementById("help");
  button.hidden = false;
  button.addEventListener("click", () => help.showModal());
  rows?.addEventListener("change", count);
  rows?.addEventListener("focusin", (event) => {
    for (const other of all()) delete other.dataset.at;
    event.target.closest("tr").dataset.at = "1";
  });
  count();

  // ------------------------------------------------------------------------------------- live

  const MOST = 100; // ids in one request
  const SOON = 60; // milliseconds: changes of one moment are asked for together
  const SPACED = 500; // between two looks at rows that changed
  const AGAIN = 5000; // after a failure
  const RARELY = 2000; // where only others have changed
  const waiting = new Set();
  const changed = new Set();
  let timer = 0;
  let due = 0; // when the timer ends
  let looked = 0;

  const isHere = (id) => document.getElementById(`case-${id}`) !== null;

  // Every cell but the one to select by; the link that may have the focus stays where it is.
  const update = (old, fresh) => {
    for (const name of ["class", "data-gone"]) {
      if (fresh.hasAttribute(name)) old.setAttribute(name, fresh.getAttribute(name));
      else old.removeAttribute(name);
    }
    [...fresh.children].forEach((cell, place) => {
      const mine = old.children[place];
      if (cell.classList.contains("check")) {
        const box = mine.querySelector("input");
        // Whoever has selected it has seen the state of then: the desk will tell them.
        if (!box.checked) box.value = cell.querySelector("input").value;
      } else if (cell.classList.contains("about")) {
        mine.querySelector(".open").dataset.version = cell.querySelector(".open").dataset.version;
        mine.querySelector(".clamp").textContent = cell.querySelector(".clamp").textContent;
      } else {
        mine.replaceChildren(...cell.childNodes);
      }
    });
  };

  const ask = async (shown, others) => {
    const asked = new URLSearchParams(location.search);
    asked.delete("page");
    asked.set("shown", shown.join(","));
    asked.set("others", others.join(","));
    const answer = await fetch(`/queue/rows?${asked}`);
    if (!answer.ok) throw new Error(answer.statusText);
    const table = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("table");
    const focused = document.activeElement?.closest?.("#rows tr");
    const top = focused?.getBoundingClientRect().top;
    const answered = new Map([...table.querySelectorAll("tr")].map((one) => [one.id, one]));
    for (const id of shown.map((one) => `case-${one}`)) {
      const old = document.getElementById(id);
      if (answered.has(id)) update(old, answered.get(id));
      else for (const cell of old.cells) cell.textContent = ""; // it was erased
    }
    // A row above may have grown: the one in focus stays where the eye has it.
    if (focused) scrollBy(0, focused.getBoundingClientRect().top - top);
    return table.dataset;
  };

  const offer = (label) => {
    if (anew.textContent === label && !anew.hidden) return;
    anew.textContent = label;
    anew.hidden = false;
    announce.textContent = label;
  };

  const look = async () => {
    timer = 0;
    looked = Date.now();
    const shown = [...changed].filter(isHere);
    for (const id of changed) if (!isHere(id)) waiting.add(id);
    changed.clear();
    try {
      const many = waiting.size > MOST;
      const others = many ? [] : [...waiting];
      for (let first = 0; first === 0 || first < shown.length; first += MOST) {
        const told = await ask(shown.slice(first, first + MOST), first ? [] : others);
        if (!first && Number(told.new)) offer(told.label);
      }
      if (many) offer(anew.dataset.many);
    } catch {
      lost.hidden = false;
      shown.forEach((id) => changed.add(id));
      if (!timer) timer = setTimeout(look, AGAIN);
      return;
    }
    if (hears) lost.hidden = true;
  };

  const soon = (ids) => {
    for (const id of ids) changed.add(id);
    const pause = ids.some(isHere) ? Math.max(SOON, looked + SPACED - Date.now()) : RARELY;
    if (timer && due <= Date.now() + pause) return;
    clearTimeout(timer);
    due = Date.now() + pause;
    timer = setTimeout(look, pause);
  };
  const everything = () => soon(all().map((one) => one.dataset.case));

  // Whether the desk itself hears what changes: without Kafka nothing moves, and all looks calm.
  const hear = (does) => {
    if (does && !hears) everything();
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    hears = does;
    lost.textContent = does ? lost.dataset.lost : lost.dataset.silent.replace("{time}", time);
    lost.hidden = does;
  };

  let broken = false;
  let after = rows?.dataset.told ?? "";
  const listen = () => {
    const source = new EventSource(`/live?after=${after}`);
    source.addEventListener("hello", (event) => {
      if (broken) everything(); // what was told meanwhile, nobody has heard
      broken = false;
      hear(JSON.parse(event.data));
    });
    source.addEventListener("hears", (event) => hear(JSON.parse(event.data)));
    source.addEventListener("changed", (event) => {
      const told = JSON.parse(event.data);
      after = event.lastEventId || after;
      if (told.all) {
        everything();
        offer(anew.dataset.many);
      } else if (told.cases.length) soon(told.cases);
    });
    source.addEventListener("error", () => {
      broken = true;
      lost.hidden = false;
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN);
    });
  };
  listen();

  document.addEventListener("decided", (event) => {
    event.preventDefault();
    boxes().forEach((box) => { if (event.detail.includes(box.closest("tr").dataset.case)) select(box, false); });
    soon(event.detail);
  });

  anew.addEventListener("click", () => {
    sessionStorage.setItem("at", row()?.dataset.case ?? "");
    location.reload();
  });
  const at = sessionStorage.getItem("at");
  sessionStorage.removeItem("at");
  if (at) focus(document.getElementById(`case-${at}`));
}
