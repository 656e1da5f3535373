/* Exports: the page says that the file is being made and how much of it is there; a refusal is a sentence on this page.
   Marks: form[data-export]  [data-export-said] with the words */
(function () {
  'use strict';
  var portal = window.portal;
  var place = portal.one('[data-export-said]');
  if (!place || !window.ReadableStream) { return; }
  var words = place.dataset;

  function say(tone, text, again) {
    place.textContent = '';
    if (!text) { return; }
    var box = place.appendChild(document.createElement('div'));
    box.className = 'alert ' + tone;
    box.appendChild(document.createElement('div')).textContent = text;
    if (again) {
      var button = box.appendChild(document.createElement('button'));
      button.type = 'button';
      button.className = 'btn sm';
      button.textContent = words.ask;
      button.addEventListener('click', again);
    }
  }

  function busy(form, on) {
    var menu = form.closest('details.menu');
    var control = menu ? menu.querySelector('summary') : form.querySelector('button');
    if (menu) { menu.open = false; }
    form.toggleAttribute('data-busy', on);
    if (on) { control.setAttribute('aria-busy', 'true'); } else { control.removeAttribute('aria-busy'); control.focus(); }
  }

  function size(bytes) {
    return bytes < 1048576 ? Math.ceil(bytes / 1024) + ' KB' : (bytes / 1048576).toFixed(1) + ' MB';
  }

  function fill(text, rows, bytes) {
    return text.replace('{rows}', Number(rows).toLocaleString('en')).replace('{size}', size(bytes));
  }

  /* The whole file, telling as it comes. */
  function received(answer) {
    var rows = answer.headers.get('X-Rows'), reader = answer.body.getReader(), parts = [], bytes = 0, told = 0;
    return reader.read().then(function next(piece) {
      if (piece.done) {
        say('ok', fill(rows ? words.done : words.doneWhole, rows, bytes));
        return new Blob(parts, { type: answer.headers.get('Content-Type') });
      }
      parts.push(piece.value);
      bytes += piece.value.length;
      if (Date.now() - told > 500) {
        told = Date.now();
        say('info', fill(rows ? words.coming : words.comingWhole, rows, bytes));
      }
      return reader.read().then(next);
    });
  }

  function save(blob, name) {
    var link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.appendChild(link).click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
  }

  function nameOf(disposition) {
    var whole = /filename\*=UTF-8''([^;]+)/.exec(disposition), plain = /filename="([^"]+)"/.exec(disposition);
    return whole ? decodeURIComponent(whole[1]) : plain ? plain[1] : '';
  }

  /* Above the limit: the form once more, as a page that asks for the reason. */
  function askFor(form, data) {
    var extra = [['form', data.get('form')], ['ask', 'show']].map(function (pair) {
      var field = form.appendChild(document.createElement('input'));
      field.type = 'hidden';
      field.name = pair[0];
      field.value = pair[1];
      return field;
    });
    form.submit();
    extra.forEach(function (field) { field.remove(); });
  }

  document.addEventListener('submit', function (event) {
    var form = event.target.closest('form[data-export]');
    if (!form) { return; }
    event.preventDefault();
    if (form.hasAttribute('data-busy')) { return; }
    var data = new FormData(form), button = portal.pressed(event);
    if (button && form.contains(button) && button.name) { data.append(button.name, button.value); }
    busy(form, true);
    say('info', words.making);
    fetch(form.action, {
      method: 'POST', credentials: 'same-origin', body: data,
      headers: { 'X-CSRFToken': portal.csrf(), 'X-Requested-With': 'fetch', 'Accept': 'application/json' },
    }).then(function (answer) {
      var disposition = answer.headers.get('Content-Disposition') || '';
      if (answer.ok && disposition.indexOf('attachment') === 0) {
        return received(answer).then(function (blob) { save(blob, nameOf(disposition)); }, function () { say('soon', words.broken); });
      }
      return answer.json().catch(function () { return {}; }).then(function (said) {
        say('soon', said.message || portal.words.forbidden, said.ask && function () { askFor(form, data); });
      });
    }, function () { say('soon', words.offline); }).then(function () { busy(form, false); });
  });
})();
