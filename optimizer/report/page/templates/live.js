// Puts the interactive drawing of each chart where the still one is. Without this script the page is complete.
(function () {
  "use strict";
  if (!window.vegaEmbed) return;
  var specs = JSON.parse(document.getElementById("specs").textContent);
  var phone = window.matchMedia("(max-width: 639px)");
  var drawn = {};
  function draw(key) {
    var figure = document.getElementById(key);
    var size = phone.matches ? "narrow" : "wide";
    var target = figure.querySelector(".live");
    // ast: expressions are interpreted, so that the page may forbid eval; svg: follows light and dark by style sheet
    window
      .vegaEmbed(target, specs[key][size], {
        mode: "vega-lite",
        renderer: "svg",
        ast: true,
        actions: false,
        defaultStyle: false,
        tooltip: { theme: "page", disableDefaultStyle: true },
      })
      .then(function (result) {
        if (drawn[key]) drawn[key].finalize();
        drawn[key] = result;
        figure.classList.add("is-live");
      })
      .catch(function (error) {
        figure.classList.remove("is-live"); // the still drawing stays
        console.error(error);
      });
  }
  function all() {
    Object.keys(specs).forEach(draw);
  }
  phone.addEventListener("change", all);
  all();
})();
