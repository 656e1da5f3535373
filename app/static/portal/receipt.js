/* A printed receipt is noted in the trail. */
(function () {
  'use strict';
  var paper = document.querySelector('[data-printed]');
  if (!paper) { return; }
  window.addEventListener('afterprint', function () {
    var sent = new FormData();
    sent.append('form', paper.dataset.form);
    window.portal.post(paper.dataset.printed, sent).catch(function () { window.portal.toast(window.portal.words.offline); });
  });
})();
