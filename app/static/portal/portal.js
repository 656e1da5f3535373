/* What every page does: questions before risky acts, messages, menus, display switches, session hint, preview of pictures.
   Plain script, understood by Chromium 80, no inline code. Everything here improves a page that works without it.
   Marks: [data-confirm="question"]  tr[data-href]  [data-check-all="name"]  form[data-autosubmit]  a[data-preview=image]  [data-print]  [data-copy="text"] */
(function () {
  'use strict';
  var portal = window.portal = {};
  var $ = portal.one = function (selector, root) { return (root || document).querySelector(selector); };
  var $$ = portal.all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };
  portal.words = ($('#portal-words') || { dataset: {} }).dataset;
  /* The button that sends a form; Chromium 80 does not name it. */
  portal.pressed = function (event) { return event.submitter || document.activeElement; };
  portal.csrf = function () { return ($('meta[name="csrf-token"]') || {}).content || ''; };

  portal.post = function (url, data) {
    return fetch(url, {
      method: 'POST', credentials: 'same-origin', body: data,
      headers: { 'X-CSRFToken': portal.csrf(), 'X-Requested-With': 'fetch' },
    });
  };

  /* Short messages in the corner, read out by screen readers. */
  portal.toast = function (text, options) {
    var box = $('#toasts');
    if (!box || !text) { return null; }
    var toast = document.createElement('div');
    toast.className = 'toast';
    toast.appendChild(document.createElement('span')).textContent = text;
    if (options && options.label) {
      var button = toast.appendChild(document.createElement('button'));
      button.type = 'button';
      button.className = 'btn sm';
      button.textContent = options.label;
      button.addEventListener('click', function () { toast.remove(); options.act(); });
    }
    box.appendChild(toast);
    setTimeout(function () { toast.remove(); }, (options && options.ms) || 8000);
    return toast;
  };

  /* One question in a native dialog; the safe answer has the focus. */
  portal.ask = function (question) {
    if (!window.HTMLDialogElement) { return Promise.resolve(window.confirm(question)); }
    return new Promise(function (resolve) {
      var back = document.activeElement;
      var dialog = document.createElement('dialog');
      dialog.className = 'dialog';
      dialog.setAttribute('aria-labelledby', 'ask-text');
      var text = dialog.appendChild(document.createElement('p'));
      text.id = 'ask-text';
      text.textContent = question || portal.words.sure;
      var row = dialog.appendChild(document.createElement('div'));
      row.className = 'btns';
      [['no', portal.words.cancel, 'btn'], ['yes', portal.words.ok, 'btn p']].forEach(function (answer) {
        var button = row.appendChild(document.createElement('button'));
        button.type = 'button';
        button.className = answer[2];
        button.textContent = answer[1];
        button.addEventListener('click', function () { dialog.close(answer[0]); });
      });
      dialog.addEventListener('close', function () {
        dialog.remove();
        if (back && back.focus) { back.focus(); }
        resolve(dialog.returnValue === 'yes');
      });
      document.body.appendChild(dialog);
      dialog.showModal();
      row.firstChild.focus();
    });
  };

  document.addEventListener('click', function (event) {
    var node = event.target.closest('[data-confirm]');
    if (!node || node.tagName === 'FORM' || node.dataset.confirmed) {
      if (node) { delete node.dataset.confirmed; }
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    portal.ask(node.dataset.confirm).then(function (yes) {
      if (!yes) { return; }
      node.dataset.confirmed = '1';
      node.click();
    });
  }, true);
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (!form.dataset.confirm || form.dataset.confirmed) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    portal.ask(form.dataset.confirm).then(function (yes) {
      if (!yes) { return; }
      form.dataset.confirmed = '1';
      form.requestSubmit();
    });
  }, true);

  /* htmx: token, questions and errors in words. Its settings stand in <meta name="htmx-config">. */
  document.addEventListener('htmx:configRequest', function (event) {
    event.detail.headers['X-CSRFToken'] = portal.csrf();
  });
  document.addEventListener('htmx:confirm', function (event) {
    if (!event.detail.question) { return; }
    event.preventDefault();
    portal.ask(event.detail.question).then(function (yes) { if (yes) { event.detail.issueRequest(true); } });
  });
  document.addEventListener('htmx:responseError', function (event) {
    var status = event.detail.xhr.status;
    portal.toast(status === 401 || status === 403 || status === 400 ? portal.words.forbidden : portal.words.failed);
  });
  document.addEventListener('htmx:sendError', function () { portal.toast(portal.words.offline); });

  /* Large type, contrast and theme at once, then told to the server; language needs the page again. */
  document.addEventListener('submit', function (event) {
    var form = event.target.closest('form[data-switches]');
    var button = portal.pressed(event);
    if (!form || !button || button.name === 'language' || !/^(font|contrast|theme)$/.test(button.name)) { return; }
    event.preventDefault();
    var data = new FormData(form);
    data.append(button.name, button.value);
    document.documentElement.dataset[button.name] = button.value;
    $$('form[data-switches] button[name="' + button.name + '"]').forEach(function (other) { next(other, button.value); });
    portal.post(form.action, data).catch(function () { portal.toast(portal.words.offline); });
  });
  function next(button, now) {
    var after = { font: { 1: '2', 2: '3', 3: '1' }, contrast: { normal: 'high', high: 'normal' }, theme: { dark: 'light', light: 'dark' } };
    var plain = { font: '1', contrast: 'normal', theme: 'light' };
    button.setAttribute('aria-pressed', String(now !== plain[button.name]));
    setTimeout(function () { button.value = after[button.name][now]; }, 0);
  }

  /* Menus close by Esc, by a click elsewhere and when another opens; the drawer too. */
  document.addEventListener('click', function (event) {
    $$('details.menu[open]').forEach(function (menu) { if (!menu.contains(event.target)) { menu.open = false; } });
    if (event.target.closest('[data-drawer]')) { event.preventDefault(); drawer(!$('#side').classList.contains('open')); }
    if (event.target.closest('[data-drawer-close], .drawer-shade')) { event.preventDefault(); drawer(false); }
    var row = event.target.closest('tr[data-href]');
    if (row && !event.target.closest('a, button, input, label, select, summary, details') && !String(window.getSelection())) {
      window.location.assign(row.dataset.href);
    }
    if (event.target.closest('[data-print]')) { window.print(); }
    var close = event.target.closest('[data-close]');
    if (close) { var box = close.closest('.alert, .banner, dialog'); if (box.close) { box.close(); } else { box.remove(); } }
    var copy = event.target.closest('[data-copy]');
    if (copy && navigator.clipboard) { navigator.clipboard.writeText(copy.dataset.copy).then(function () { portal.toast(copy.dataset.copied); }); }
  });
  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') { return; }
    $$('details.menu[open]').forEach(function (menu) { menu.open = false; $('summary', menu).focus(); });
    if ($('#side.open')) { drawer(false); }
  });

  /* The side menu on a phone: without script it opens by its address (#side). */
  function drawer(open) {
    var side = $('#side'), button = $('[data-drawer]');
    side.classList.toggle('open', open);
    if (window.location.hash === '#side') { window.history.replaceState(null, '', window.location.pathname + window.location.search); }
    button.setAttribute('aria-expanded', String(open));
    if (open) { ($('[aria-current]', side) || $('a', side)).focus(); } else { button.focus(); }
  }
  if ($('[data-drawer]')) {
    $('[data-drawer]').setAttribute('role', 'button');
    $('[data-drawer]').setAttribute('aria-controls', 'side');
    $('[data-drawer]').setAttribute('aria-expanded', 'false');
  }

  document.addEventListener('change', function (event) {
    var all = event.target.closest('[data-check-all]');
    if (all) {
      $$('input[name="' + all.dataset.checkAll + '"]', all.closest('form') || document).forEach(function (box) {
        if (!box.disabled) { box.checked = all.checked; }
      });
    }
    var form = event.target.closest('form[data-autosubmit]');
    if (form) { form.requestSubmit(); }
  });

  /* Pictures open in a viewer that is loaded when first wanted. */
  document.addEventListener('click', function (event) {
    var link = event.target.closest('a[data-preview="image"]');
    if (!link || event.ctrlKey || event.metaKey || !portal.words.viewer) { return; }
    event.preventDefault();
    loadViewer().then(function () {
      var links = $$('a[data-preview="image"]', link.closest('.files') || document);
      var list = document.createElement('div');
      links.forEach(function (item) {
        var image = list.appendChild(document.createElement('img'));
        image.src = item.href;
        image.alt = item.title || item.textContent.trim();
      });
      var viewer = new window.Viewer(list, { initialViewIndex: links.indexOf(link), transition: false, hidden: function () { viewer.destroy(); link.focus(); } });
      viewer.show();
    }, function () { window.location.assign(link.href); });
  });
  var viewerReady;
  function loadViewer() {
    viewerReady = viewerReady || new Promise(function (resolve, reject) {
      var style = document.head.appendChild(document.createElement('link'));
      style.rel = 'stylesheet';
      style.href = portal.words.viewerCss;
      var script = document.createElement('script');
      script.nonce = $('#portal-words').nonce;
      script.src = portal.words.viewer;
      script.onload = resolve;
      script.onerror = reject;
      document.head.appendChild(script);
    });
    return viewerReady;
  }

  /* A table that fits needs no scroll box of its own; then its head can stay in sight. */
  function fit() {
    $$('.scroll').forEach(function (box) { box.classList.toggle('fits', box.firstElementChild && box.firstElementChild.scrollWidth <= box.clientWidth); });
  }
  window.addEventListener('resize', fit);
  document.addEventListener('htmx:load', fit);
  fit();

  /* Five minutes before the session ends: say so, and offer to stay. */
  var timer;
  function rest() {
    clearTimeout(timer);
    var minutes = Number(portal.words.sessionMinutes) || 0;
    if (!$('#quick') || minutes <= 5) { return; }
    timer = setTimeout(function () {
      portal.toast(portal.words.session, {
        ms: 290000, label: portal.words.stay,
        act: function () { fetch($('#quick').dataset.suggest, { credentials: 'same-origin' }).then(rest); },
      });
    }, (minutes - 5) * 60000);
  }
  document.addEventListener('htmx:afterRequest', rest);
  rest();

  /* The numbers of one's own lists come after the page, so that no page waits for them. */
  var places = $$('[data-count]');
  if (places.length) {
    var asked = places.map(function (place) { return place.dataset.count; });
    fetch('/work/count?tabs=' + asked.join(','), { credentials: 'same-origin', headers: { 'X-Requested-With': 'fetch' } })
      .then(function (answer) { return answer.ok ? answer.json() : {}; })
      .then(function (said) {
        places.forEach(function (place) {
          place.textContent = said[place.dataset.count] || '';
          place.hidden = !place.textContent;
        });
      }, function () { /* without an answer there is no number */ });
  }

  /* An error summary takes the focus, so that it is read first. */
  var summary = $('[data-error-summary]');
  if (summary) { summary.focus(); }
})();
