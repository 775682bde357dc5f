// The page works without this file; with it, progress moves by itself and mistakes are told sooner.
"use strict";

function duration(seconds) {
  if (seconds < 60) return seconds + " s";
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes + " min " + (seconds % 60) + " s";
  return Math.floor(minutes / 60) + " h " + (minutes % 60) + " min";
}

// a button pressed twice would send everything twice
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) {
      event.preventDefault();
      return;
    }
    for (const button of document.querySelectorAll("button")) {
      if (button.form !== form) continue;
      if (button.dataset.busy) button.textContent = button.dataset.busy;
      button.setAttribute("aria-disabled", "true");
      // after the form was read: a button disabled at once would not be sent
      setTimeout(() => { button.disabled = true; }, 0);
    }
  });
}
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

const choose = document.querySelector("form.choose");
if (choose) {
  const said = document.getElementById("too-large");
  const button = choose.querySelector("button");
  const check = () => {
    let total = 0;
    for (const input of choose.querySelectorAll("input[type=file]")) {
      const file = input.files[0];
      input.closest(".slot").classList.toggle("chosen", Boolean(file));
      if (file) total += file.size;
    }
    const tooLarge = total > Number(choose.dataset.limit);
    said.hidden = !tooLarge;
    said.textContent = tooLarge
      ? "These files are larger than " + choose.dataset.limitWords + " together, which is this page's limit. "
        + "Start synthaudit serve with a larger --max-upload, or choose smaller files."
      : "";
    button.disabled = tooLarge;
  };
  choose.addEventListener("change", check);
  check();
}

// One step of the list becomes the current one: what is before it is done.
function moveTo(at) {
  const stages = document.querySelectorAll(".stages li");
  const detail = document.querySelector(".now-detail");
  stages.forEach((stage, place) => {
    stage.className = place < at ? "past" : place === at ? "now" : "next";
    stage.querySelector(".state").textContent = place < at ? " (done)" : "";
    if (place === at) stage.setAttribute("aria-current", "step");
    else stage.removeAttribute("aria-current");
  });
  const name = stages[at].querySelector(".name").textContent;
  stages[at].append(detail);
  document.getElementById("bar").setAttribute("aria-label", name);
  document.getElementById("say").textContent = name;
}

function show(news, now) {
  const ahead = document.getElementById("ahead");
  if (ahead) {
    ahead.textContent = news.ahead === 1 ? "One other audit is before this one."
      : news.ahead ? news.ahead + " other audits are before this one." : "It is this audit's turn.";
  }
  const bar = document.getElementById("bar");
  if (!bar) return;
  if (news.at !== now.at) moveTo(news.at);
  now.at = news.at;
  bar.max = news.total || 1;
  if (news.total) bar.value = news.done;
  else bar.removeAttribute("value");
  document.getElementById("detail").textContent = news.detail;
}

const address = document.body.dataset.events;
if (address) {
  const now = { at: -1, since: null };
  const clock = document.getElementById("clock");
  const lost = document.getElementById("lost");
  // open as long as the tab is: this is also how the server knows that somebody is looking
  const news = new EventSource(address);
  news.onmessage = (event) => {
    const said = JSON.parse(event.data);
    if (lost) lost.hidden = true;
    if (said.state !== document.body.dataset.state) {
      news.close();
      if (said.state === "removed") location.replace(document.body.dataset.home + "?removed");
      else location.reload();
      return;
    }
    now.since = Date.now() - 1000 * said.seconds;
    show(said, now);
  };
  // what a form does is told by the page it leads to
  window.addEventListener("submit", (event) => { if (!event.defaultPrevented) news.close(); });
  news.onerror = () => { if (lost) lost.hidden = false; };
  setInterval(() => {
    if (clock && now.since !== null && (!lost || lost.hidden)) {
      clock.textContent = duration(Math.max(0, Math.floor((Date.now() - now.since) / 1000)));
    }
  }, 1000);
}
