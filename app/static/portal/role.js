/* The role form: reading comes with every other action, separations show their lock, the preview follows the boxes. */
(function () {
  'use strict';
  var form = document.querySelector('[data-role-form]');
  if (!form) return;
  var boxes = Array.prototype.slice.call(form.querySelectorAll('input[name=grant]'));
  var preview = document.getElementById('role-preview');
  var timer = 0;
  var asked = 0;

  function withReading(box) {
    var page = box.closest('fieldset');
    var read = page.querySelector('input[value^="can_read "]');
    if (box.checked && read && read !== box) read.checked = true;
    if (!box.checked && read === box) {
      page.querySelectorAll('input[name=grant]').forEach(function (other) { other.checked = false; });
    }
  }

  function sides() {
    var found = {};
    boxes.forEach(function (box) {
      if (!box.checked || !box.dataset.sep) return;
      box.dataset.sep.split(' ').forEach(function (mark) { found[mark] = true; });
    });
    return found;
  }

  function locks() {
    var ticked = sides();
    boxes.forEach(function (box) {
      var lock = box.parentNode.querySelector('[data-lock]');
      if (!lock) return;
      lock.hidden = !box.dataset.sep.split(' ').some(function (mark) {
        return ticked[mark.slice(0, -1) + (mark.slice(-1) === 'a' ? 'b' : 'a')];
      });
      box.parentNode.classList.toggle('locked', !lock.hidden);
    });
    form.querySelectorAll('[data-separation]').forEach(function (line) {
      var key = line.dataset.separation;
      line.hidden = !ticked[key + ':a'] === !ticked[key + ':b'];
    });
  }

  function show() {
    var query = new URLSearchParams();
    boxes.forEach(function (box) { if (box.checked) query.append('grant', box.value); });
    var scope = form.querySelector('input[name=row_scope]:checked');
    if (scope) query.set('row_scope', scope.value);
    var number = ++asked;
    fetch(preview.dataset.preview + '?' + query, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin' })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (html) { if (html !== null && number === asked) preview.innerHTML = html; });
  }

  form.addEventListener('change', function (event) {
    if (event.target.name !== 'grant' && event.target.name !== 'row_scope') return;
    if (event.target.name === 'grant') withReading(event.target);
    locks();
    clearTimeout(timer);
    timer = setTimeout(show, 150);
  });
  locks();
}());
