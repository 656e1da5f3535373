/* The one search box: "/" or Ctrl+K goes there, results come while typing, arrows choose, Enter opens, Esc leaves. */
(function () {
  'use strict';
  var box = document.getElementById('quick');
  var list = document.getElementById('quick-results');
  if (!box || !list) { return; }
  var timer, running, chosen = -1, asked = '';

  box.setAttribute('role', 'combobox');
  box.setAttribute('aria-autocomplete', 'list');
  box.setAttribute('aria-controls', list.id);
  box.setAttribute('aria-expanded', 'false');
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', box.getAttribute('aria-label'));

  function options() { return Array.prototype.slice.call(list.querySelectorAll('[role="option"]')); }

  function close() {
    list.hidden = true;
    chosen = -1;
    box.setAttribute('aria-expanded', 'false');
    box.removeAttribute('aria-activedescendant');
  }

  function show() {
    options().forEach(function (option, i) { option.id = 'quick-option-' + i; option.tabIndex = -1; });
    list.hidden = !options().length;
    box.setAttribute('aria-expanded', String(!list.hidden));
  }

  function choose(i) {
    var all = options();
    if (!all.length) { return; }
    chosen = (i + all.length) % all.length;
    all.forEach(function (option, k) { option.setAttribute('aria-selected', String(k === chosen)); });
    box.setAttribute('aria-activedescendant', all[chosen].id);
    all[chosen].scrollIntoView({ block: 'nearest' });
  }

  function ask() {
    var q = box.value.trim();
    if (q === asked) { show(); return; }
    if (running) { running.abort(); }
    if (!q) { asked = ''; list.textContent = ''; close(); return; }
    running = new AbortController();
    fetch(box.dataset.suggest, {
      credentials: 'same-origin', signal: running.signal,
      headers: { 'HX-Request': 'true', 'X-Requested-With': 'fetch', 'X-Search': encodeURIComponent(q) }, // never in an address
    }).then(function (answer) {
      if (!answer.ok || answer.redirected) { throw new Error(String(answer.status)); }
      return answer.text();
    }).then(function (html) {
      asked = q;
      chosen = -1;
      box.removeAttribute('aria-activedescendant');
      list.innerHTML = html;
      show();
    }).catch(function (error) { if (error.name !== 'AbortError') { close(); } });
  }

  box.addEventListener('input', function (event) {
    if (event.isComposing) { return; }
    clearTimeout(timer);
    timer = setTimeout(ask, 180);
  });
  box.addEventListener('compositionend', function () { clearTimeout(timer); timer = setTimeout(ask, 180); });
  box.addEventListener('focus', function () { if (asked && asked === box.value.trim()) { show(); } });
  box.addEventListener('keydown', function (event) {
    if (event.isComposing || event.keyCode === 229) { return; }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (list.hidden) { ask(); } else { choose(event.key === 'ArrowDown' ? chosen + 1 : (chosen < 0 ? -1 : chosen - 1)); }
    } else if (event.key === 'Enter' && chosen >= 0 && !list.hidden) {
      event.preventDefault();
      options()[chosen].click();
    } else if (event.key === 'Escape') {
      if (list.hidden) { box.value = ''; box.blur(); } else { event.preventDefault(); close(); }
    }
  });
  document.addEventListener('click', function (event) { if (!event.target.closest('.find')) { close(); } });
  box.form.addEventListener('focusout', function (event) { if (event.relatedTarget && !box.form.contains(event.relatedTarget)) { close(); } });

  document.addEventListener('keydown', function (event) {
    var typing = event.target.closest('input, textarea, select, [contenteditable]');
    var slash = event.key === '/' && !typing && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (!slash && !((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k')) { return; }
    if (document.querySelector('dialog[open]')) { return; }
    event.preventDefault();
    box.focus();
    box.select();
  });
})();
