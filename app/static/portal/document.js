/* A printed paper is noted in the trail; the page then shows what the next print would be: a copy. */
(function () {
  'use strict';
  var paper = document.querySelector('[data-printed]');
  if (!paper) { return; }
  window.addEventListener('afterprint', function () {
    window.portal.post(paper.dataset.printed, new FormData()).then(function () {
      window.setTimeout(function () { window.location.reload(); }, 1500); /* the printer may still be reading the page */
    }).catch(function () { window.portal.toast(window.portal.words.offline); });
  });
})();
