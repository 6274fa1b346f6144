(function () {
  "use strict";
  var form = document.getElementById("filter");
  function openTarget() {
    var at = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (at && at.tagName === "DETAILS") at.open = true;
  }
  addEventListener("hashchange", openTarget);
  openTarget();
  if (!form) return;
  var articles = Array.prototype.slice.call(document.querySelectorAll("#files article"));
  var texts = articles.map(function (a) {
    return (a.parentNode.querySelector("h3").textContent + " " + a.textContent).toLowerCase();
  });
  function apply() {
    var words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    var wanted = {}, shown = 0;
    form.querySelectorAll("[name=severity]").forEach(function (box) { wanted[box.value] = box.checked; });
    articles.forEach(function (a, i) {
      var match = wanted[a.dataset.severity] && words.every(function (w) { return texts[i].indexOf(w) >= 0; });
      a.hidden = !match;
      if (match) shown++;
    });
    document.querySelectorAll("#files .file").forEach(function (f) { f.hidden = !f.querySelector("article:not([hidden])"); });
    form.querySelector("output").textContent = shown + " of " + articles.length + " shown";
  }
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", function (e) { e.preventDefault(); });
  apply();
})();
