/* Forms: keyboard, unsaved work, pickers, repeated rows. Runs on the page and on every part htmx brings.
   Marks: form[data-enter-next]  [data-save-draft]  form[data-guard] (or any form with .form-foot)  select[data-pick]
   select[data-remote="address"]  input[data-date]  input[data-datetime]  [data-copy-rows="prefix"] with .row-group, [data-add-row], [data-remove-row]
   textarea[data-count] (characters typed)  [data-show-if="field=value,value"] (only shown then)
   form[data-skip-empty] (a GET form that sends only what was filled in) */
(function () {
  'use strict';
  var portal = window.portal, all = portal.all, one = portal.one, words = portal.words;

  /* Keyboard: Enter goes on, Ctrl+Enter sends, Alt+S saves the draft. */
  document.addEventListener('keydown', function (event) {
    var field = event.target, form = field.form || (field.closest && field.closest('form'));
    if (!form || event.isComposing || event.keyCode === 229) { return; }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      var send = one('.form-foot [type="submit"]:not([data-save-draft])', form);
      if (send) { event.preventDefault(); send.click(); }
    } else if (event.key === 'Enter' && form.hasAttribute('data-enter-next') && /^(INPUT|SELECT)$/.test(field.tagName) && !/^(submit|button|file|image)$/.test(field.type)) {
      if (field.closest('.ts-wrapper.dropdown-active')) { return; }
      event.preventDefault();
      step(form, field);
    }
  });
  document.addEventListener('keydown', function (event) {
    if (!event.altKey || event.key.toLowerCase() !== 's') { return; }
    var draft = one('[data-save-draft]');
    if (draft) { event.preventDefault(); draft.click(); }
  });
  function step(form, field) {
    var fields = all('input, select, textarea, button', form).filter(function (node) {
      return !node.disabled && !node.readOnly && node.type !== 'hidden' && node.tabIndex >= 0 && node.offsetParent
        && !node.classList.contains('tomselected') && (node.tagName !== 'BUTTON' || node.type === 'submit');
    });
    var next = fields[fields.indexOf(field) + 1];
    if (next) { next.focus(); if (next.select && /^(text|search|tel|number|date)$/.test(next.type)) { next.select(); } }
  }

  /* Unsaved work is not lost by a slip; one click sends one request. */
  var dirty = new Set();
  function guarded(form) { return form && (form.hasAttribute('data-guard') || one('.form-foot', form)); }
  function touch(event) {
    var form = event.target.closest('form');
    if (guarded(form) && event.isTrusted) { dirty.add(form); }
  }
  document.addEventListener('input', touch);
  document.addEventListener('change', touch);
  document.addEventListener('portal:saved', function (event) { dirty.delete(event.target.closest('form')); });
  all('form').forEach(function (form) { if (guarded(form) && one('[data-error-summary], [aria-invalid="true"]', form)) { dirty.add(form); } });
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (event.defaultPrevented || !guarded(form)) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    dirty.clear();
    setTimeout(function () { delete form.dataset.sent; }, 4000);
  });
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (event.defaultPrevented || !form.hasAttribute('data-skip-empty')) { return; }
    var empty = all('input, select', form).filter(function (field) { return field.name && !field.disabled && !field.value; });
    empty.forEach(function (field) { field.disabled = true; });
    setTimeout(function () { empty.forEach(function (field) { field.disabled = false; }); }, 0);
  });
  window.addEventListener('pageshow', function () { all('form[data-sent]').forEach(function (form) { delete form.dataset.sent; }); });
  window.addEventListener('beforeunload', function (event) {
    dirty.forEach(function (form) { if (!document.contains(form)) { dirty.delete(form); } });
    if (dirty.size) { event.preventDefault(); event.returnValue = words.leave; }
  });

  /* A long form keeps on the server what is typed: <form data-autosave="address" data-saved="words {time}">. */
  all('form[data-autosave]').forEach(function (form) {
    var changed = false, note = one('[data-draft-note]', form);
    ['input', 'change'].forEach(function (kind) { form.addEventListener(kind, function () { changed = true; }); });
    setInterval(function () {
      if (!changed || form.dataset.sent) { return; }
      changed = false;
      var sent = new FormData(form);
      all('input[type="file"]', form).forEach(function (field) { sent.delete(field.name); });
      portal.post(form.dataset.autosave, sent).then(function (answer) {
        if (!answer.ok || answer.redirected) { throw new Error(String(answer.status)); }
        return answer.json();
      }).then(function (answer) {
        if (note) { note.textContent = form.dataset.saved.replace('{time}', answer.saved); }
        if (!changed) { form.dispatchEvent(new CustomEvent('portal:saved', { bubbles: true })); }
      }).catch(function () { changed = true; });
    }, 5000);
  });

  /* Choice lists with search. */
  function pick(select) {
    var several = select.multiple, blank = select.options[0] && !select.options[0].value ? select.options[0].text : '';
    var settings = {
      plugins: several ? { remove_button: { title: words.remove } } : (select.required ? {} : { clear_button: { title: words.clear } }),
      maxOptions: 500, create: false,
      placeholder: select.dataset.placeholder || (several ? '' : blank), hidePlaceholder: true, closeAfterSelect: !several, selectOnTab: !several, openOnFocus: false,
      searchField: ['text', 'key'], sortField: [{ field: '$order' }, { field: '$score' }],
      render: { no_results: note(words.none), loading: note(words.searching) },
    };
    if (select.dataset.remote) {
      Object.assign(settings, { valueField: 'id', labelField: 'text', searchField: [], loadThrottle: 200, preload: 'focus', load: remote(select) });
      settings.shouldLoad = function () { return true; };
    }
    var picker = new window.TomSelect(select, settings);
    ['aria-describedby', 'aria-invalid', 'aria-required'].forEach(function (name) {
      if (select.getAttribute(name)) { picker.control_input.setAttribute(name, select.getAttribute(name)); }
    });
    select.setAttribute('aria-hidden', 'true');
    if (select.required) { picker.control_input.setAttribute('aria-required', 'true'); }
    picker.control.addEventListener('click', function () {
      if (!picker.isOpen && document.activeElement === picker.control_input) { picker.open(); }
    });
    picker.on('change', function () { var form = select.form; if (guarded(form) && picker.isFocused) { dirty.add(form); } });
  }
  function note(text) {
    return function () { var node = document.createElement('div'); node.className = 'no-results'; node.textContent = text; return node; };
  }
  function remote(select) {
    return function (query, done) {
      var address = new URL(select.dataset.remote, window.location.href);
      all('[data-with="' + select.name + '"]', select.form).forEach(function (other) { address.searchParams.set(other.name, other.value); });
      var picker = this;
      fetch(address, { credentials: 'same-origin', headers: { 'X-Requested-With': 'fetch', 'X-Search': encodeURIComponent(query) } })
        .then(function (answer) { if (!answer.ok) { throw new Error(String(answer.status)); } return answer.json(); })
        .then(function (rows) { picker.clearOptions(); done(rows); })
        .catch(function () { done(); });
    };
  }

  /* The day that was typed, or none: the calendar's own reading makes 14 February 2021 of 2020-13-45. */
  function asTyped(text, format) {
    var day = window.flatpickr.parseDate(text, format);
    var said = day && window.flatpickr.formatDate(day, format).match(/\d+/g).map(Number);
    var typed = (text.match(/\d+/g) || []).map(Number);
    return said && typed.every(function (number, place) { return number === said[place]; }) ? day : undefined;
  }

  /* Dates: the field keeps its own text (2026-11-20), so label and server format stay as they are. */
  function date(input, time) {
    var base = /^zh/.test(words.lang || '') ? window.flatpickr.l10ns.zh : {};
    var picker = window.flatpickr(input, {
      locale: Object.assign({}, base, { firstDayOfWeek: 1, yearAriaLabel: words.year, monthAriaLabel: words.month, hourAriaLabel: words.hour, minuteAriaLabel: words.minute }),
      dateFormat: time ? 'Y-m-d H:i' : 'Y-m-d', enableTime: time, time_24hr: true, minuteIncrement: 5, allowInput: true, disableMobile: true,
      errorHandler: function () {}, parseDate: asTyped,
      minDate: input.min || null, maxDate: input.max || null, ariaDateFormat: 'Y-m-d',
      static: Boolean(input.closest('dialog')), appendTo: input.closest('dialog') ? undefined : one('#main') || undefined,
      onReady: function (_days, _text, picker) { all('.numInput', picker.calendarContainer).forEach(function (n) { n.setAttribute('autocomplete', 'off'); }); },
    });
    var take = picker.setDate;
    picker.setDate = function (value) { // what is no day, or none that may be chosen, stays for the form to refuse
      take.apply(picker, arguments);
      if (typeof value === 'string' && !picker.selectedDates.length) input.value = value;
    };
    input.addEventListener('keydown', function (event) {
      if (event.key === 'Escape' && picker.isOpen) { event.preventDefault(); event.stopPropagation(); picker.close(); }
    });
  }

  /* Repeated rows: <div data-copy-rows="claims"> with .row-group rows whose fields are called claims-0-text, claims-1-text, … */
  function repeat(box) {
    var prefix = box.dataset.copyRows, pattern = new RegExp('(^|\\s|#)' + prefix + '-(\\d+|__i__)(?=-|$)', 'g');
    var rows = function () { return all('.row-group', box); };
    var own = one('template', box), first = rows()[0];
    var blank = own ? own.innerHTML : (first ? first.outerHTML : '');
    function renumber() {
      rows().forEach(function (row, i) {
        [row].concat(all('*', row)).forEach(function (node) {
          ['name', 'id', 'for', 'aria-describedby', 'aria-labelledby', 'data-with', 'href'].forEach(function (key) {
            var text = node.getAttribute(key);
            if (text) { node.setAttribute(key, text.replace(pattern, '$1' + prefix + '-' + i)); }
          });
        });
        all('[data-row-number]', row).forEach(function (node) { node.textContent = String(i + 1); });
      });
      var least = Number(box.dataset.min || 0), most = Number(box.dataset.max || 0), n = rows().length;
      all('[data-remove-row]', box).forEach(function (button) { button.disabled = n <= least; });
      all('[data-add-row]', box).forEach(function (button) { button.disabled = Boolean(most) && n >= most; });
    }
    box.addEventListener('click', function (event) {
      var add = event.target.closest('[data-add-row]'), remove = event.target.closest('[data-remove-row]');
      if (add && box.contains(add)) {
        event.preventDefault();
        var holder = document.createElement('div');
        holder.innerHTML = blank.trim();
        var row = holder.firstElementChild, last = rows().pop();
        if (!own) { clear(row); }
        if (last) { last.after(row); } else { box.insertBefore(row, box.firstChild); }
        renumber();
        portal.dress(row);
        var field = one('input:not([type="hidden"]), select, textarea', row);
        if (field) { field.focus(); }
        box.dispatchEvent(new CustomEvent('portal:row', { bubbles: true, detail: row }));
      } else if (remove && rows().length > Number(box.dataset.min || 0)) {
        event.preventDefault();
        remove.closest('.row-group').remove();
        renumber();
        var back = one('[data-add-row]', box);
        if (back) { back.focus(); }
        if (box.closest('form')) { dirty.add(box.closest('form')); }
      }
    });
    renumber();
  }
  function clear(row) {
    all('input, select, textarea', row).forEach(function (field) {
      if (field.type === 'checkbox' || field.type === 'radio') { field.removeAttribute('checked'); field.checked = false; }
      else if (field.tagName === 'SELECT') { all('option[selected]', field).forEach(function (o) { o.removeAttribute('selected'); }); }
      else if (field.type !== 'hidden' || !field.hasAttribute('data-keep')) { field.removeAttribute('value'); field.value = ''; if (field.tagName === 'TEXTAREA') { field.textContent = ''; } }
      field.removeAttribute('aria-invalid');
    });
    all('.err', row).forEach(function (node) { node.remove(); });
  }

  /* The browser's own file button speaks the browser's language; ours speaks the page's, and Enter opens it too. */
  function files(input) {
    var box = document.createElement('span'), button = document.createElement('span'), names = document.createElement('span');
    box.className = 'file-pick';
    button.className = 'btn';
    button.textContent = input.multiple ? words.chooseFiles : words.chooseFile;
    button.setAttribute('aria-hidden', 'true');
    names.className = 'muted';
    input.parentNode.insertBefore(box, input);
    box.appendChild(input);
    box.appendChild(button);
    box.appendChild(names);
    var show = function () {
      var chosen = Array.prototype.map.call(input.files, function (file) { return file.name; }).join(', ');
      names.textContent = input.hasAttribute('data-at-once') ? '' : chosen || words.noFile;
    };
    input.addEventListener('change', show);
    input.addEventListener('keydown', function (event) {
      if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) { event.preventDefault(); input.click(); }
    });
    show();
  }

  function count(area) {
    var out = area.parentNode.appendChild(document.createElement('p'));
    out.className = 'count';
    var show = function () { out.textContent = area.value.length + (area.maxLength > 0 ? ' / ' + area.maxLength : ''); };
    area.addEventListener('input', show);
    show();
  }

  function showIf(node) {
    var rule = node.dataset.showIf.split('='), wanted = rule[1].split(','), form = node.closest('form');
    var check = function () {
      var picked = all('[name="' + rule[0] + '"]', form).filter(function (f) { return (f.type !== 'radio' && f.type !== 'checkbox') || f.checked; });
      node.hidden = !picked.some(function (f) { return wanted.indexOf(f.type === 'checkbox' && !f.getAttribute('value') ? 'y' : f.value) >= 0; });
    };
    form.addEventListener('change', check);
    check();
  }

  /* dress(root): make the marked fields of a part of the page work; called again for parts that arrive later. */
  portal.dress = function (root) {
    var mine = function (selector) {
      return all(selector, root).concat(root.matches && root.matches(selector) ? [root] : []).filter(function (node) {
        return !node.dataset.dressed && !node.closest('template') && (node.dataset.dressed = '1');
      });
    };
    mine('[data-copy-rows]').forEach(repeat);
    if (window.TomSelect) { mine('select[data-pick], select[data-remote]').forEach(pick); }
    if (window.flatpickr) {
      mine('input[data-date]').forEach(function (input) { date(input, false); });
      mine('input[data-datetime]').forEach(function (input) { date(input, true); });
    }
    mine('input[type="file"]').forEach(files);
    mine('textarea[data-count]').forEach(count);
    mine('[data-show-if]').forEach(showIf);
  };
  portal.dress(document);
  document.addEventListener('htmx:load', function (event) { portal.dress(event.detail.elt); });
})();
