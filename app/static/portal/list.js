/* Lists and record pages: the list is remembered as it was left; a masked field is revealed in place.
   Marks: [data-remember="address"][data-query]  form[data-reveal] */
(function () {
  'use strict';
  var portal = window.portal;
  var left = portal.one('[data-remember]');
  if (left) {
    var data = new FormData();
    data.append('query', left.dataset.query);
    portal.post(left.dataset.remember, data).catch(function () { /* remembering is a comfort, not a duty */ });
  }

  document.addEventListener('submit', function (event) {
    var form = event.target.closest('form[data-reveal]');
    if (!form) { return; }
    event.preventDefault();
    fetch(form.action, {
      method: 'POST', credentials: 'same-origin', body: new FormData(form),
      headers: { 'X-CSRFToken': portal.csrf(), 'Accept': 'application/json', 'X-Requested-With': 'fetch' },
    }).then(function (answer) {
      return answer.ok ? answer.json() : Promise.reject(answer);
    }).then(function (found) {
      var cell = form.closest('dd');
      cell.textContent = found.value;
      cell.setAttribute('tabindex', '-1');
      cell.focus();
    }).catch(function () { portal.toast(portal.words.failed); });
  });
})();
