/* The signature pad: finger, pen and mouse. Keeps the strokes (with time and pressure) and their picture in hidden fields.
   Without this script the other ways to sign remain. Marks: [data-signature="field"] [data-sign-pad] [data-sign-undo] [data-sign-clear] */
(function () {
  'use strict';
  var portal = window.portal, all = portal.all, one = portal.one;

  function dress(box) {
    var holder = one('[data-sign-pad]', box), canvas = holder && one('canvas', holder);
    if (!canvas || !window.SignaturePad) { return; }
    var field = function (part) { return one('[name="' + box.dataset.signature + '-' + part + '"]', box); };
    var kinds = all('[name="' + box.dataset.signature + '-kind"]', box);
    var touch = kinds.filter(function (radio) { return radio.value === 'touch'; })[0];
    var pad = new window.SignaturePad(canvas, { backgroundColor: 'rgb(255, 255, 255)', penColor: 'rgb(0, 0, 0)', minWidth: 0.8, maxWidth: 2.8 });
    var strokes = [];
    try { strokes = JSON.parse(field('strokes').value || '[]'); } catch (fault) { strokes = []; }

    function round(number) { return Math.round(number * 10) / 10; }
    function keep() {
      var empty = pad.isEmpty();
      strokes = pad.toData().map(function (stroke) {
        return stroke.points.map(function (p) { return { x: round(p.x), y: round(p.y), time: p.time, pressure: Math.round(p.pressure * 100) / 100 }; });
      });
      field('strokes').value = empty ? '' : JSON.stringify(strokes);
      field('image').value = empty ? '' : pad.toDataURL('image/png');
    }
    function draw() {
      pad.clear();
      if (strokes.length) {
        pad.fromData(strokes.map(function (points) { return { penColor: pad.penColor, dotSize: 0, minWidth: pad.minWidth, maxWidth: pad.maxWidth, points: points }; }));
      }
      keep();
    }
    function fit() {  // as many dots as the screen has, at the width the page gives
      var ratio = Math.min(Math.max(window.devicePixelRatio || 1, 1), 2), across = canvas.clientWidth, down = canvas.clientHeight;
      if (!across || (canvas.width === Math.round(across * ratio) && canvas.height === Math.round(down * ratio))) { return; }
      canvas.width = Math.round(across * ratio);
      canvas.height = Math.round(down * ratio);
      canvas.getContext('2d').scale(ratio, ratio);
      draw();
    }
    function show() {
      holder.hidden = !touch.checked;
      if (!holder.hidden) { fit(); }
    }
    pad.addEventListener('beginStroke', function (event) {
      var how = event.detail && event.detail.event ? event.detail.event.pointerType || '' : '';
      field('device').value = ((how ? how + ' · ' : '') + navigator.userAgent).slice(0, 200);
    });
    pad.addEventListener('endStroke', keep);
    one('[data-sign-undo]', holder).addEventListener('click', function () { strokes.pop(); draw(); });
    one('[data-sign-clear]', holder).addEventListener('click', function () { strokes = []; draw(); });
    window.addEventListener('resize', show);
    box.closest('form').addEventListener('change', show);  // what hid the box may show it now
    kinds.forEach(function (radio) { radio.addEventListener('change', show); });
    touch.closest('label').hidden = false;
    if (!kinds.some(function (radio) { return radio.checked; })) {
      touch.checked = true;
      touch.dispatchEvent(new Event('change', { bubbles: true }));
    }
    show();
  }

  all('[data-signature]').forEach(dress);
})();
