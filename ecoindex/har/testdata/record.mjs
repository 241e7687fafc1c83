// Records the HARs of this folder: node record.mjs OUT, with playwright-core, chrome-har-capturer and ws installed by npm.
import http from 'node:http';
import fs from 'node:fs';
import zlib from 'node:zlib';
import { createRequire } from 'node:module';
const require = createRequire(process.cwd() + '/');
const { chromium } = require('playwright-core');
const { WebSocketServer } = require('ws');
const CHC = require('chrome-har-capturer');
const out = process.argv[2];

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const files = {
  '/': ['text/html', port => `<!doctype html><title>Home</title><link rel=stylesheet href=/style.css><link rel=icon href=/favicon.ico>
<img src=/one.png><img src="data:image/png;base64,${png.toString('base64')}"><img src=/moved.png><img src=/missing.png>
<iframe src=/frame.html></iframe><svg><use href=/sprite.svg#a /></svg>
<script src=/app.js></script><script>
fetch('http://localhost:${port + 1}/api', {method: 'PUT', headers: {'X-Own': '1'}}).catch(() => 0);
fetch('http://localhost:1/closed').catch(() => 0); fetch('/data.json');
new WebSocket('ws://localhost:${port}/socket');
const i = new Image(); i.src = URL.createObjectURL(new Blob([new Uint8Array(10)])); </script>`],
  '/second.html': ['text/html', () => '<!doctype html><title>Second</title><link rel=stylesheet href=/style.css><p>two'],
  '/frame.html': ['text/html', () => '<p>frame</p>'],
  '/style.css': ['text/css', () => 'p { color: teal } '.repeat(200)],
  '/app.js': ['text/javascript', () => '/* ' + 'x'.repeat(3000) + ' */'],
  '/data.json': ['application/json', () => '{"a": 1}'],
  '/sprite.svg': ['image/svg+xml', () => '<svg xmlns="http://www.w3.org/2000/svg"><g id="a"/></svg>'],
  '/one.png': ['image/png', () => png],
};
const port = 8731;
const answer = (req, res) => {
  const path = new URL(req.url, 'http://x').pathname;
  res.sendDate = false;
  if (path === '/moved.png') return res.writeHead(302, { Location: '/one.png?moved' }).end();
  if (path === '/api') {
    const headers = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Methods': 'PUT', 'Access-Control-Allow-Headers': 'X-Own' };
    return res.writeHead(req.method === 'OPTIONS' ? 204 : 200, headers).end(req.method === 'OPTIONS' ? '' : 'ok');
  }
  const file = files[path];
  if (!file) return res.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');
  const body = zlib.gzipSync(file[1](port));
  res.writeHead(200, { 'Content-Type': file[0], 'Content-Encoding': 'gzip', 'Cache-Control': 'max-age=600', 'Content-Length': body.length }).end(body);
};
const one = http.createServer(answer).listen(port), two = http.createServer(answer).listen(port + 1);
new WebSocketServer({ server: one }).on('connection', s => s.send('hello'));

const args = ['--no-sandbox', '--disable-gpu'];
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
for (const [name, visits] of [['playwright', ['/']], ['playwright-two-visits', ['/', '/second.html']], ['playwright-two-tabs', ['/', '+/second.html']]]) {
  const context = await browser.newContext({ recordHar: { path: `${out}/${name}.har`, content: 'embed' } });
  let page = await context.newPage();
  for (const v of visits) {
    if (v[0] === '+') page = await context.newPage();
    await page.goto(`http://localhost:${port}${v.replace('+', '')}`);
    await page.waitForTimeout(1500);
  }
  await context.close();
}
await browser.close();

const { spawn } = await import('node:child_process');
const chrome = spawn('/usr/bin/chromium', [...args, '--headless=new', '--remote-debugging-port=9333', '--user-data-dir=' + out + '/profile'], { stdio: 'ignore' });
await new Promise(r => setTimeout(r, 4000));
await new Promise((resolve, reject) => CHC.run([`http://localhost:${port}/`, `http://localhost:${port}/second.html`], { port: 9333, content: true, cache: true, postHook: () => new Promise(r => setTimeout(r, 1500)) })
  .on('har', har => { fs.writeFileSync(`${out}/chrome-har-capturer.har`, JSON.stringify(har, null, 2)); resolve(); })
  .on('fail', (u, e) => reject(e)));
chrome.kill();

// What is not looked at is cut: times, cookies, headers other than those of a preflight, stacks, certificates, long bodies.
for (const name of fs.readdirSync(out).filter(f => f.endsWith('.har'))) {
  const har = JSON.parse(fs.readFileSync(`${out}/${name}`));
  for (const e of har.log.entries) {
    e.request.headers = e.request.headers.filter(h => /^access-control/i.test(h.name));
    e.response.headers = [];
    for (const part of [e.request, e.response]) { part.cookies = []; delete part.queryString; delete part.postData; }
    for (const key of ['timings', 'serverIPAddress', '_securityDetails', '_monotonicTime', '_serverPort', '_priority', 'connection']) delete e[key];
    if (e._initiator) delete e._initiator.stack;
    if (e.response.content.text?.length > 800) e.response.content.text = e.response.content.text.slice(0, 800);
  }
  fs.writeFileSync(`${out}/${name}`, JSON.stringify(har, null, 1) + '\n');
}
fs.rmSync(`${out}/profile`, { recursive: true, force: true });
one.close(); two.close(); process.exit(0);
