/* The registration page: card reader, draft while typing, duplicates while typing, files one by one.
   Everything here is also done by plain POST; forms.js brings Enter, Ctrl+Enter, Alt+S and the repeated rows. */
(function () {
  'use strict';
  var portal = window.portal, all = portal.all, one = portal.one;
  var form = one('form[data-register]');
  if (!form) { return; }
  var note = one('[data-draft-note]', form), card = one('#card'), files = one('#files');
  var dirty = false, busy = false, checkTimer, asked = '';

  function rows(name) { return all('.row-group', one('[data-copy-rows="' + name + '"]', form)); }
  function field(row, name) { return one('[name$="-' + name + '"]', row); }
  function data() { var sent = new FormData(form); sent.delete('files'); return sent; }
  function json(answer) {
    if (!answer.ok || answer.redirected) { throw new Error(String(answer.status)); }
    return answer.json();
  }

  /* Draft: saved a few seconds after the last key; a power cut loses less than ten. */
  function saved(answer) {
    one('[name="draft"]', form).value = answer.id;
    if (answer.saved && note) { note.textContent = form.dataset.saved.replace('{time}', answer.saved); }
  }
  /* Signed out meanwhile, and in again in another window: this page goes on with that session's token. */
  function renew() {
    return fetch('/case/add', { credentials: 'same-origin' }).then(function (answer) {
      return answer.ok && !answer.redirected ? answer.text() : '';
    }).then(function (html) {
      var found = /name="csrf-token" content="([^"]+)"/.exec(html);
      if (!found) { return; }
      one('meta[name="csrf-token"]').content = found[1];
      all('input[name="csrf_token"]').forEach(function (input) { input.value = found[1]; });
    }).catch(function () { /* no network: the next try comes in five seconds */ });
  }
  function save() {
    if (busy) { return Promise.resolve(); }
    busy = true;
    dirty = false;
    return portal.post('/case/draft', data()).then(json).then(function (answer) {
      saved(answer);
      if (!dirty) { form.dispatchEvent(new CustomEvent('portal:saved', { bubbles: true })); }
    }).catch(function () {
      dirty = true;
      if (note) { note.textContent = form.dataset.unsaved; }
      return renew();
    }).then(function () { busy = false; });
  }
  form.addEventListener('input', function (event) { if (event.target !== card) { dirty = true; } });
  form.addEventListener('change', function (event) { if (event.target !== card && event.target !== files) { dirty = true; } });
  form.addEventListener('submit', function () { dirty = false; }, true);
  setInterval(function () { if (dirty && !form.dataset.sent) { save(); } }, 5000);
  one('[data-save-draft]', form).addEventListener('click', function (event) {
    event.preventDefault();
    dirty = true;
    save().then(function () { portal.toast(note.textContent); });
  });

  /* Card: Enter or a paste fills the first empty row, or a new one. */
  function empty(row) { return !field(row, 'name').value && !field(row, 'id_number').value; }
  function fill(found) {
    var row = rows('petitioners').filter(empty)[0];
    if (!row) {
      one('[data-copy-rows="petitioners"] [data-add-row]', form).click();
      row = rows('petitioners').pop();
    }
    Object.keys(found).forEach(function (name) { var f = field(row, name); if (f) { f.value = found[name]; } });
    dirty = true;
    heads();
    look();
    return row;
  }
  function read() {
    var text = card.value.trim();
    if (!text) { field(rows('petitioners')[0], 'name').focus(); return; }
    var sent = new FormData();
    sent.append('card', text);
    portal.post('/case/add/card', sent).then(json).then(function (found) {
      if (!Object.keys(found).length) { portal.toast(form.dataset.unread); card.select(); return; }
      card.value = '';
      var row = fill(found);
      (found.name && found.id_number ? field(row, 'phone') : field(row, 'name')).focus();
    }).catch(function () { portal.toast(portal.words.failed); });
  }
  card.addEventListener('keydown', function (event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.isComposing) { event.preventDefault(); read(); }
  });
  card.addEventListener('paste', function () { setTimeout(read, 0); });
  one('[name="read_card"]', form).addEventListener('click', function (event) { event.preventDefault(); read(); });

  /* Never fewer persons than named petitioners. */
  function heads() {
    var count = one('[name="head_count"]', form), named = rows('petitioners').filter(function (row) { return !empty(row); }).length;
    if (document.activeElement !== count && Number(count.value || 0) < named) { count.value = String(named); }
  }

  /* Duplicates, and what each ID number says. */
  function show(answer) {
    var box = one('#duplicates'), tick = one('[name="different_matter"]', box), ticked = tick && (tick.checked || tick.type === 'hidden');
    var here = tick && document.activeElement === tick;
    box.innerHTML = answer.duplicates;
    tick = one('[name="different_matter"]', box);
    if (tick && ticked) { tick.checked = true; }
    if (tick && here) { tick.focus(); }
    rows('petitioners').forEach(function (row) {
      var said = answer.rows[field(row, 'name').name.replace(/-name$/, '')] || {}, out = one('[data-note]', row), id = field(row, 'id_number');
      if (out) {
        var told = said.id_number && !one('#' + id.id + '-err');  // said once: at the field, or here
        out.textContent = said.note || (told ? said.id_number : '');
        out.classList.toggle('err', Boolean(told));
      }
      var tick = one('[data-unverified]', row);
      if (tick) { tick.hidden = !said.id_number && !one('input', tick).checked; }
      if (said.id_number) { id.setAttribute('aria-invalid', 'true'); } else if (!one('#' + id.id + '-err')) { id.removeAttribute('aria-invalid'); }
    });
  }
  function look() {
    var key = all('[name$="-id_number"], [name$="-phone"], [name$="-text"], [name="category"], [name="village"], [name="town"], [name="title"]', form)
      .map(function (f) { return f.value.trim(); }).join('|');
    if (key === asked) { return; }
    asked = key;
    portal.post('/case/add/check', data()).then(json).then(show).catch(function () { asked = ''; });
  }
  form.addEventListener('change', function (event) {
    if (!/-(id_number|phone|text|name)$|^(category|village|town|title)$/.test(event.target.name || '')) { return; }
    heads();
    clearTimeout(checkTimer);
    checkTimer = setTimeout(look, 250);
  });
  form.addEventListener('portal:row', function (event) {
    var out = one('[data-note]', event.detail);
    if (out) { out.textContent = ''; }
    dirty = true;
  });

  /* Files go up one by one, into the draft. */
  function taken(answer) {
    saved(answer);
    one('#attached').innerHTML = answer.files;
    if (answer.error) { portal.toast(answer.error); }
  }
  files.addEventListener('change', function () {
    var chosen = Array.prototype.slice.call(files.files);
    chosen.reduce(function (before, file) {
      return before.then(function () {
        var sent = data();
        sent.append('files', file);
        return portal.post('/case/draft/attach', sent).then(json).then(taken);
      });
    }, Promise.resolve()).then(function () { files.value = ''; }, function () { portal.toast(portal.words.failed); });
  });
  form.addEventListener('click', function (event) {
    var button = event.target.closest('[data-remove-file]');
    if (!button) { return; }
    event.preventDefault();
    portal.post('/attachment/' + button.dataset.removeFile + '/remove', new FormData()).then(function (answer) {
      if (answer.ok) { button.closest('li').remove(); files.focus(); } else { portal.toast(portal.words.failed); }
    });
  });

  /* The first fault has the focus. */
  var fault = one('[aria-invalid="true"]', form);
  if (fault && one('#faults')) { (fault.tomselect ? fault.tomselect.control_input : fault).focus(); }
  if (rows('petitioners').some(function (row) { return field(row, 'id_number').value; })) { heads(); look(); }
})();
