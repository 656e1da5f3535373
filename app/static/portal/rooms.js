/* The grid of the room calendar: click an empty half hour to book, drag to move, pull to stretch. The server decides: when it
   refuses, the booking goes back to its place and its sentence is shown. On a phone, and without this script, the table stays. */
(function () {
  'use strict';
  var portal = window.portal, box = portal.one('#room-calendar'), made = window.EventCalendar;
  var narrow = window.matchMedia('(max-width: 40rem)').matches;
  if (!box || !made || narrow) { return; }
  var data = JSON.parse(portal.one('#room-calendar-data').textContent), refusal = portal.one('#refusal');

  function two(n) { return (n < 10 ? '0' : '') + n; }
  function text(date) {
    return date.getFullYear() + '-' + two(date.getMonth() + 1) + '-' + two(date.getDate()) + ' ' + two(date.getHours()) + ':' + two(date.getMinutes());
  }
  function half(date) { var d = new Date(date); d.setMinutes(d.getMinutes() < 30 ? 0 : 30, 0, 0); return d; }

  function say(message) {
    refusal.textContent = message || '';
    refusal.hidden = !message;
    if (message) { refusal.scrollIntoView({ block: 'nearest' }); }
  }

  function move(info, room) {
    var event = info.event, body = { start: text(event.start), end: text(event.end), version: event.extendedProps.version };
    if (room) { body.room = Number(room); }
    say('');
    fetch('/api/v1/booking/' + event.id + '/steps/move', {
      method: 'POST', credentials: 'same-origin', body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': portal.csrf(), 'X-Requested-With': 'fetch' },
    }).then(function (answer) {
      return answer.json().then(function (said) {
        if (answer.ok) {
          if (said.state !== info.event.extendedProps.state && said.state === 'requested') { window.location.reload(); return; }
          event.extendedProps.version = said.version;
          portal.toast(box.dataset.moved);
          return;
        }
        info.revert();
        var fields = said.errors || {}, sentences = [];
        Object.keys(fields).forEach(function (name) { sentences = sentences.concat(fields[name]); });
        say(sentences.length ? sentences.join(' ') : said.message);
      });
    }).catch(function () { info.revert(); say(box.dataset.failed); });
  }

  function book(room, start) {
    if (!data.book || !room) { return; }
    window.location.href = '/booking/add?room=' + room + '&start=' + encodeURIComponent(text(half(start)));
  }

  var chinese = /^zh/.test(box.dataset.lang || '');
  var hour = function (date) { return two(date.getHours()) + ':' + two(date.getMinutes()); };
  var times = function (event) { return event.display === 'background' ? '' : hour(event.start) + '–' + hour(event.end) + ' '; };
  var day = data.view === 'day';
  box.hidden = false;
  portal.all('.with-script').forEach(function (node) { node.hidden = false; });
  portal.all('.as-table').forEach(function (node) { node.removeAttribute('open'); });
  var slots = (Number(data.last.slice(0, 2)) - Number(data.first.slice(0, 2))) * 2;
  var width = Math.max(36, Math.floor((box.clientWidth - 136) / slots));
  box.style.setProperty('--slot', width + 'px');
  var calendar = made.create(box, {
    view: day ? 'resourceTimelineDay' : 'timeGridWeek',
    date: data.date, firstDay: 1, locale: chinese ? 'zh-CN' : 'en-GB',
    headerToolbar: { start: '', center: '', end: '' },
    resources: data.resources, events: data.events,
    slotMinTime: data.first, slotMaxTime: data.last, slotDuration: '00:30', slotWidth: width,
    slotLabelFormat: hour,
    eventContent: function (info) { return (day ? '' : times(info.event)) + info.event.title; },
    dayHeaderFormat: { weekday: 'short', month: 'numeric', day: 'numeric' },
    allDaySlot: false, nowIndicator: true, editable: false, eventStartEditable: true, eventDurationEditable: true,
    dateClick: function (info) { book(day ? info.resource && info.resource.id : data.room, info.date); },
    eventClick: function (info) { if (info.event.id && /^\d+$/.test(String(info.event.id))) { window.location.href = '/booking/show/' + info.event.id; } },
    eventDrop: function (info) { move(info, info.newResource ? info.newResource.id : null); },
    eventResize: function (info) { move(info, null); },
    resourceLabelContent: function (info) {
      var link = document.createElement('a');
      link.href = '/room/calendar?room=' + info.resource.id + '&date=' + data.date;
      link.textContent = info.resource.title;
      return { domNodes: [link] };
    },
    eventDidMount: function (info) { info.el.title = times(info.event) + info.event.title; },
  });
  portal.roomCalendar = calendar;
})();
