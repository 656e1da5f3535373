/* The charts of the report page, drawn from the figures that stand in the tables below them; without this script the tables stay.
   Patterns tell the lines apart without colour; paper is drawn black on white. */
(function () {
  'use strict';
  var portal = window.portal, source = portal.one('#plots'), library = window.echarts;
  if (!source || !library) { return; }
  var data = JSON.parse(source.textContent), charts = [];
  var chinese = /^zh/.test(document.documentElement.lang || '');

  function colour(name) { return window.getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

  function option(plot, paper) {
    var ink = paper ? '#000000' : colour('--ink'), line = paper ? '#888888' : colour('--line');
    var fills = paper ? ['#bbbbbb', '#444444'] : [colour('--field-line'), colour('--fill')];
    var names = {
      type: 'category', data: plot.labels, inverse: plot.across, axisTick: { show: false },
      axisLabel: { color: ink, interval: plot.across ? 0 : 'auto', width: plot.across ? 110 : undefined, overflow: 'truncate' },
      axisLine: { lineStyle: { color: line } },
    };
    var values = { type: 'value', minInterval: plot.whole ? 1 : 0, axisLabel: { color: ink }, splitLine: { lineStyle: { color: line } } };
    return {
      animation: false, color: fills, textStyle: { fontFamily: colour('--font'), color: ink },
      aria: { enabled: true, decal: { show: true } },
      grid: { left: 8, right: 24, top: 36, bottom: 8, containLabel: true },
      legend: { top: 0, right: 0, textStyle: { color: ink } },
      tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, axisPointer: { type: plot.line ? 'line' : 'shadow' } },
      xAxis: plot.across ? values : names,
      yAxis: plot.across ? names : values,
      series: plot.lines.map(function (one, nth) {
        return {
          name: one.name, data: one.values, type: plot.line ? 'line' : 'bar', barMaxWidth: 18, barGap: '0%',
          symbol: nth ? 'rect' : 'circle', symbolSize: 8, lineStyle: { width: 2, type: nth ? 'dashed' : 'solid' },
        };
      }),
    };
  }

  portal.all('[data-plot]').forEach(function (box) {
    var plot = data[box.dataset.plot];
    if (!plot || !plot.labels.length) { return; }
    box.hidden = false;
    if (plot.across) { box.classList.add('rows-' + Math.min(plot.labels.length, 12)); }
    charts.push([library.init(box, null, { renderer: 'canvas', locale: chinese ? 'ZH' : 'EN' }), plot]);
  });

  var SHEET = { width: 600 }; /* what A4 holds between its margins: the page is laid out for paper only after `beforeprint` */
  function draw(paper) { charts.forEach(function (pair) { pair[0].resize(paper ? SHEET : { width: 'auto' }); pair[0].setOption(option(pair[1], paper), true); }); }
  draw(false);
  window.addEventListener('resize', function () { charts.forEach(function (pair) { pair[0].resize(); }); });
  window.addEventListener('beforeprint', function () { draw(true); });
  window.addEventListener('afterprint', function () { draw(false); });
}());
