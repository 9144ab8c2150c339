// Only makes things nicer: every page works without it.
(function () {
  "use strict";
  document.documentElement.classList.add("js");
  var status = function () { return document.getElementById("working"); };

  // say that an answer is being worked out, and send a form only once
  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter;
    var shows = form.hasAttribute("data-working") || (button && button.value === "show");
    var isFile = form.getAttribute("data-working") === "file";
    if (!shows || !status()) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    status().textContent = status().dataset.text;
    if (isFile) { setTimeout(function () { status().textContent = ""; }, 6000); return; }
    form.dataset.sent = "yes";
  });

  // the page may come back from the browser's memory
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
    if (status()) status().textContent = "";
    var errors = document.getElementById("errors");
    if (errors) errors.focus();
  });

  // what each fact did is loaded in place: say so, go on in it, and keep it asked for
  var waiting = function (event) {
    var form = event.detail.elt;
    var told = form.matches("form") && form.querySelector(".working");
    if (told) told.textContent = event.type === "htmx:beforeRequest" ? told.dataset.text : "";
  };
  document.addEventListener("htmx:beforeRequest", waiting);
  document.addEventListener("htmx:afterRequest", waiting);
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target.id !== "why") return;
    var section = document.getElementById("why");
    section.setAttribute("tabindex", "-1");
    section.focus();
    document.querySelectorAll("main form").forEach(function (form) {
      if (form.elements.why) return;
      var asked = document.createElement("input");
      asked.type = "hidden"; asked.name = "why"; asked.value = "yes";
      form.appendChild(asked);
    });
  });
  // what cannot be loaded in place comes as a page of its own, with what went wrong
  ["htmx:responseError", "htmx:sendError"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (event.detail.elt.matches("#reasons form")) event.detail.elt.submit();
    });
  });

  // after a row was added, go on in it
  document.addEventListener("htmx:afterSwap", function (event) {
    var path = event.detail.requestConfig;
    if (!path || !path.elt || path.elt.name !== "action") return;
    var what = path.elt.value.split(":");
    if (what[0] === "add") {
      var rows = document.querySelectorAll("fieldset.row[id^='" + what[1] + "-']");
      var last = rows[rows.length - 1];
      if (last) { last.querySelector("select, input").focus(); }
    } else if (what[0] === "remove") {
      var section = document.getElementById(what[1].split("-")[0] + "s");
      if (section) { section.setAttribute("tabindex", "-1"); section.focus(); }
    }
  });
})();
