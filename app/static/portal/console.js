/* The console: a cell of the list is saved when it is left. */
(function () {
  'use strict';
  var setup = document.querySelector('[data-cells]');
  if (!setup) return;
  var toasts = document.getElementById('toasts');

  function say(text, good) {
    var note = document.createElement('div');
    note.className = 'alert ' + (good ? 'ok' : 'danger');
    note.textContent = text;
    toasts.appendChild(note);
    setTimeout(function () { note.remove(); }, good ? 2500 : 8000);
  }

  function save(cell) {
    var body = new URLSearchParams();
    body.set('list_form_pk', cell.dataset.key);
    body.set(cell.dataset.cell, cell.type === 'checkbox' ? (cell.checked ? 'y' : '') : cell.value);
    fetch(setup.dataset.cells, {
      method: 'POST', body: body, credentials: 'same-origin', headers: { 'X-CSRFToken': setup.dataset.token }
    }).then(function (answer) {
      if (answer.ok) {
        cell.dataset.kept = cell.type === 'checkbox' ? String(cell.checked) : cell.value;
        cell.removeAttribute('aria-invalid');
        say(setup.dataset.saved, true);
        return null;
      }
      cell.setAttribute('aria-invalid', 'true');
      if (cell.type === 'checkbox') cell.checked = cell.dataset.kept === 'true';
      return answer.status === 422 || answer.status === 409
        ? answer.text().then(function (text) { say(text || setup.dataset.failed, false); }) : say(setup.dataset.failed, false);
    }, function () { say(setup.dataset.failed, false); });
  }

  document.querySelectorAll('[data-cell]').forEach(function (cell) {
    cell.dataset.kept = cell.type === 'checkbox' ? String(cell.checked) : cell.value;
    cell.addEventListener('change', function () { save(cell); });
    cell.addEventListener('keydown', function (event) {
      if (event.key === 'Enter') { event.preventDefault(); cell.blur(); }
      if (event.key === 'Escape' && cell.type !== 'checkbox') { cell.value = cell.dataset.kept; cell.blur(); }
    });
  });
}());
