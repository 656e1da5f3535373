// Picking experts without a trip to the server: the same buttons, moved on the page. Without this the buttons post.
(function () {
  'use strict';
  var form = document.querySelector('form [data-picker]');
  if (!form) return;
  form = form.closest('form');
  form.addEventListener('click', function (event) {
    var button = event.target.closest('button[name="move"]');
    if (!button || !window.fetch) return;
    event.preventDefault();
    var data = new FormData(form);
    data.append('move', button.value);
    var mark = button.value.split(':');
    form.setAttribute('aria-busy', 'true');
    fetch(window.location.href, { method: 'POST', body: data, credentials: 'same-origin' }).then(function (answer) {
      return answer.text();
    }).then(function (text) {
      var page = new DOMParser().parseFromString(text, 'text/html');
      ['.picked', '.candidates'].forEach(function (part) {
        var fresh = page.querySelector(part), old = form.querySelector(part);
        if (fresh && old) old.replaceWith(document.importNode(fresh, true));
      });
      form.removeAttribute('aria-busy');
      var next = form.querySelector('button[name="move"][value="' + mark[0] + ':' + mark[1] + '"]:not([disabled])') ||
        form.querySelector('[data-counter]');
      if (next && next.focus) next.focus();
    }).catch(function () {
      button.removeAttribute('formnovalidate');
      form.submit();
    });
  });
}());
