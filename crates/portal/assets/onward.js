// Pages that only lead on: an answer by form posts itself, a page with apps' frames goes on once they are there.
// A plain script in an old dialect, apart from the module: browsers that know no modules walk these pages too.
(function () {
  "use strict";
  var form = document.querySelector("form[data-submit-at-once]");
  if (form) form.submit();

  var onward = document.querySelector("a[data-after-frames]");
  if (!onward) return;
  var goOn = function () { location.replace(onward.href); };
  // The page has loaded when its frames have. An app that hangs holds nobody up for long.
  if (document.readyState === "complete") goOn();
  else addEventListener("load", goOn);
  setTimeout(goOn, 5000);
})();
