// A real Chromium for the tests of the pages, and what they look for on every page.

import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const ACTION_TIMEOUT_MS = 10_000;

/** The machine's own Chromium, else the one that comes as an npm package. */
async function findChromium(): Promise<string | undefined> {
  const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
    existsSync(path),
  );
  if (installed !== undefined) return installed;
  const packed = await import('@sparticuz/chromium').catch(() => undefined);
  return packed?.default.executablePath();
}

const executablePath = await findChromium();

/** For the `skip` of a test: why it cannot run here, or false. */
export const NO_BROWSER = executablePath === undefined && 'skipped: no Chromium on this machine';

/** Ended by `close()`; each test brings visitors of its own. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath!, args: ARGUMENTS });
}

/** A visitor of their own: cookies, storage. What goes wrong in their pages is added to `faults`. */
export async function newVisitor(
  browser: Browser,
  faults: string[],
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  context.on('console', (message) => {
    // Chromium reports every refused request, and some here are refused on purpose.
    const refused = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !refused) faults.push(`${message.page()?.url()}: ${message.text()}`);
  });
  context.on('weberror', (error) => faults.push(String(error.error())));
  return context;
}

/** By how many pixels the page is wider than its window. */
export function tooWide(page: Page): Promise<number> {
  return page.evaluate('Math.max(0, document.documentElement.scrollWidth - innerWidth)');
}

/** What axe-core finds against the page: the rule, and where. The context must bypass the content security policy. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map((node) => id + ' at ' + node.target.join(' '))))`);
}
