// Builds app/static/vendor from the exact versions of package-lock.json: `npm ci && node build.mjs`.
// The output is committed, so the portal never needs node; manifest.json carries a hash for every file.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = join(HERE, '..', 'app', 'static', 'vendor');
const MODULES = join(HERE, 'node_modules');

// name, licence, licence file(s) to copy, and output file -> entry source (script) or entry path (style)
// What the newest parts take for granted and Chromium 80 does not have.
const OLDER = 'if(!Array.prototype.at){Object.defineProperty(Array.prototype,"at",{configurable:true,writable:true,'
  + 'value:function(n){n=Math.trunc(n)||0;return this[n<0?this.length+n:n];}});}'
  + 'if(!String.prototype.replaceAll){Object.defineProperty(String.prototype,"replaceAll",{configurable:true,writable:true,'
  + 'value:function(a,b){return a instanceof RegExp?this.replace(a,b):this.split(a).join(b);}});}';
const PARTS = [
  // Ships as one finished script that sets a variable; its package holds no licence text, so ours stands beside this file.
  { name: '@event-calendar/build', folder: 'event-calendar', licence: 'MIT', texts: ['./licences/event-calendar.txt'],
    files: {
      'event-calendar.js': OLDER + readFileSync(join(MODULES, '@event-calendar/build/dist/event-calendar.min.js'), 'utf8')
        + ';window.EventCalendar = EventCalendar;',
      'event-calendar.css': '@event-calendar/build/dist/event-calendar.min.css' } },
  { name: 'echarts', folder: 'echarts', licence: 'Apache-2.0',
    texts: ['echarts/LICENSE', 'echarts/NOTICE', 'zrender/LICENSE', 'tslib/LICENSE.txt'],
    files: {
      'echarts.js': "import * as core from 'echarts/core'; import { BarChart, LineChart } from 'echarts/charts';"
        + " import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';"
        + " import { CanvasRenderer } from 'echarts/renderers'; import zh from 'echarts/i18n/langZH-obj.js';"
        + ' core.use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);'
        + " core.registerLocale('zh', zh); window.echarts = { init: core.init };" } },
  { name: 'htmx.org', folder: 'htmx', licence: '0BSD', texts: ['htmx.org/LICENSE'],
    files: { 'htmx.js': "import htmx from 'htmx.org'; window.htmx = htmx;" } },
  { name: 'tom-select', folder: 'tom-select', licence: 'Apache-2.0',
    texts: ['tom-select/LICENSE', '@orchidjs/unicode-variants/LICENSE'],
    files: {
      'tom-select.js': "import TomSelect from 'tom-select/dist/esm/tom-select.js';"
        + " import clear from 'tom-select/dist/esm/plugins/clear_button/plugin.js';"
        + " import remove from 'tom-select/dist/esm/plugins/remove_button/plugin.js';"
        + " TomSelect.define('clear_button', clear); TomSelect.define('remove_button', remove); window.TomSelect = TomSelect;",
      'tom-select.css': 'tom-select/dist/css/tom-select.css' } },
  { name: 'flatpickr', folder: 'flatpickr', licence: 'MIT', texts: ['flatpickr/LICENSE.md'],
    files: {
      'flatpickr.js': "import flatpickr from 'flatpickr'; import { Mandarin } from 'flatpickr/dist/l10n/zh.js';"
        + ' flatpickr.l10ns.zh = Mandarin; window.flatpickr = flatpickr;',
      'flatpickr.css': 'flatpickr/dist/flatpickr.css' } },
  { name: 'viewerjs', folder: 'viewerjs', licence: 'MIT', texts: ['viewerjs/LICENSE'],
    files: {
      'viewer.js': "import Viewer from 'viewerjs'; window.Viewer = Viewer;",
      'viewer.css': 'viewerjs/dist/viewer.css' } },
  { name: 'signature_pad', folder: 'signature_pad', licence: 'MIT', texts: ['signature_pad/LICENSE'],
    files: { 'signature_pad.js': "import SignaturePad from 'signature_pad'; window.SignaturePad = SignaturePad;" } },
];

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const version = (name) => JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')).version;

async function bundle(file, source) {
  const style = file.endsWith('.css');
  const result = await build({
    ...(style
      ? { entryPoints: [join(MODULES, source)], loader: { '.png': 'dataurl', '.gif': 'dataurl' } }
      : { stdin: { contents: source, resolveDir: HERE, sourcefile: file } }),
    bundle: true, minify: true, write: false, target: 'chrome80', format: style ? undefined : 'iife',
    charset: 'ascii', legalComments: 'none', logLevel: 'warning',
  });
  return Buffer.from(result.outputFiles[0].contents);
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(join(OUT, 'LICENSES'), { recursive: true });
const manifest = [];
for (const part of PARTS) {
  const folder = `${part.folder}-${version(part.name)}`;
  mkdirSync(join(OUT, folder), { recursive: true });
  const files = [];
  for (const [file, source] of Object.entries(part.files)) {
    const bytes = await bundle(file, source);
    writeFileSync(join(OUT, folder, file), bytes);
    files.push({ path: `${folder}/${file}`, sha256: sha256(bytes), bytes: bytes.length });
  }
  const licences = [];
  for (const text of part.texts) {
    const own = text.startsWith('./');
    const target = `LICENSES/${own ? basename(text, '.txt') : text.replace(/\/LICENSE.*/, '').replace('@', '').replace('/', '-')}.txt`;
    const bytes = readFileSync(own ? join(HERE, text) : join(MODULES, text));
    writeFileSync(join(OUT, target), bytes);
    licences.push({ path: target, sha256: sha256(bytes) });
  }
  manifest.push({ name: part.name, version: version(part.name), licence: part.licence, files, licences });
}
writeFileSync(join(OUT, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
const folders = readdirSync(OUT).filter((name) => name !== 'LICENSES' && name !== 'manifest.json');
console.log(`built ${manifest.length} parts into ${folders.join(', ')}`);
