// Measures pages the way the EcoIndex reference does (cnumr/EcoIndex_python, its scraper on Playwright and Chromium),
// re-enacted with the calls of playwright-core, so that our own counts have something to be compared with.
//
//   node reference.mjs URL...
//
// prints one line of JSON a page, in the order in which they end:
//
//   {"url", "dom", "frames", "requests", "size_kb", "entries": [{"url", "method", "status", "type", "bytes", "failed"}]}
//
// or {"url", "error"}, and then exits with status 1. `frames` is no figure of the reference: the elements of inner
// documents, by its rule. `bytes` is _transferSize; where that is -1 the reference adds up the length of the HAR's
// JSON instead, which this does too in size_kb, to the letter of its default separators.
//
// playwright-core is looked for from the working directory: npm i playwright-core. From the environment:
//   CHROMIUM  the browser to start, /usr/bin/chromium        JOBS  how many pages at once, 1
//   WAIT      seconds before and after the scroll, 3
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const { chromium } = createRequire(join(process.cwd(), 'index.js'))('playwright-core');
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const wait = 1000 * (process.env.WAIT ?? 3);

// One browser a page, one new context, one HAR.
async function measure(url, folder) {
  const har = join(folder, 'page.har');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const context = await browser.newContext({
      recordHar: { path: har },
      ignoreHTTPSErrors: true,
      screen: { width: 1920, height: 1080 }, // and no viewport: Playwright's own is 1280 by 720
    });
    const page = await context.newPage();
    const response = await page.goto(url);
    if (response.status() !== 200) throw new Error(`status ${response.status()}`);
    await page.waitForLoadState();
    await sleep(wait);
    await page.keyboard.press('ArrowDown');
    await page.evaluate(() => window.scrollTo({ top: document.body.scrollHeight, behavior: 'smooth' }));
    await sleep(wait);
    const dom = await count(page);
    let frames = 0;
    for (const frame of page.frames()) if (frame !== page.mainFrame()) frames += await count(frame);
    await page.close();
    await context.close(); // writes the HAR
    return { url, dom, frames, ...weigh(JSON.parse(await readFile(har, 'utf8'))) };
  } finally {
    await browser.close();
  }
}

// Elements of the document and of its open shadow roots, less what is below an svg of the document.
async function count(frame) {
  return await frame.locator('*').count() - await frame.locator("//*[local-name()='svg']//*").count();
}

function weigh({ log }) {
  const size = ({ response }) => response._transferSize !== -1 ? response._transferSize : Buffer.byteLength(python(response));
  return {
    requests: log.entries.length,
    size_kb: log.entries.reduce((sum, entry) => sum + size(entry), 0) / 1000,
    entries: log.entries.map(({ request, response, _resourceType }) => ({
      url: request.url, method: request.method, status: response.status, type: _resourceType,
      bytes: response._transferSize, failed: response._failureText,
    })),
  };
}

// JSON as Python writes it by default: a space after commas and colons, and nothing but ASCII.
function python(value) {
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    return `{${Object.entries(value).map(([key, v]) => `${python(key)}: ${python(v)}`).join(', ')}}`;
  }
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
}

async function work(urls) {
  for (let url = urls.shift(); url; url = urls.shift()) {
    const folder = await mkdtemp(join(tmpdir(), 'reference-'));
    try {
      console.log(JSON.stringify(await measure(url, folder)));
    } catch (error) {
      console.log(JSON.stringify({ url, error: error.message }));
      process.exitCode = 1;
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}

const urls = process.argv.slice(2);
await Promise.all(Array.from({ length: process.env.JOBS ?? 1 }, () => work(urls)));
