import process from 'node:process';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { programOf } from '../support/needs-program.ts';
import { startNode } from '../support/node-server.ts';
import { hostPort } from '../support/raw-http.ts';
import { INJECTED, POOR_CONTRASTS, SMALL_TARGETS } from './in-browser.ts';

const CHROMIUM = programOf(
  ['chromium', 'chromium-browser', 'google-chrome'],
  'chromium',
  'the manager page in a real browser',
);

let browser: Browser;

beforeAll(async () => {
  if (CHROMIUM === undefined) return;
  // Chromium has no sandbox for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath: CHROMIUM, args });
});

afterAll(async () => {
  if (CHROMIUM !== undefined) await browser.close();
});

/** A page in a browser of its own kind, with all that its console said. */
async function open(lb: TestBalancer, options: BrowserContextOptions = {}): Promise<{ page: Page; said: string[] }> {
  const context = await browser.newContext(options);
  freeAfter(() => context.close());
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  page.on('requestfailed', (request) => said.push(`${request.url()} failed`));
  const answer = await page.goto(`http://${hostPort(lb.mcmpPort)}/mod_cluster-manager`);
  expect(answer?.status()).toBe(200);
  return { page, said };
}

/** A cluster with something of everything: all states, long names, markup for a name, contexts of every status. */
async function variedCluster(): Promise<TestBalancer> {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('node1', node.port, { contexts: '/app,/shop', config: 'Domain=east' });
  const long = 'a-very-long-name-without-any-space-in-it-'.repeat(2).slice(0, 75);
  const second = await startNode('n2');
  await lb.register(`n2-${long}`, second.port, {
    contexts: `/app,/admin,/${long}`,
    alias: `localhost,www.${long}.example`,
    config: `Domain=east&Balancer=b-${long.slice(0, 30)}`,
    load: 0,
  });
  await lb.register('node3', 1, { contexts: '/app,/%26lt%3Bb%26gt%3B', config: 'Domain=west' });
  await lb.mcmp('STOP-APP', 'JVMRoute=node3&Alias=localhost&Context=/app');
  await lb.mcmp('DISABLE-APP', `JVMRoute=n2-${long}&Alias=localhost&Context=/admin`);
  await lb.register('node4', 2, { load: null });
  await lb.mcmp('REMOVE-APP', 'JVMRoute=node4', '/*');
  return lb;
}

async function infoOf(lb: TestBalancer): Promise<string> {
  return (await lb.mcmp('INFO')).body;
}

describe.skipIf(CHROMIUM === undefined)('the manager page in a browser', () => {
  it.each([true, false])(
    'disables a context and stops a node by clicking, scripts allowed: %s',
    async (javaScriptEnabled) => {
      const lb = await variedCluster();
      const { page, said } = await open(lb, { javaScriptEnabled });
      expect(await page.title()).toMatch(/^[0-9]+ problems? · mcmp balancer$/);
      await page.getByRole('button', { name: 'Disable /app on node1', exact: true }).click();
      // Another node takes requests for it only as a standby: that is enough not to ask.
      expect(await page.getByRole('status').innerText()).toBe('Disabled /app on node1.');
      expect(await infoOf(lb)).toMatch(/\[0:1:\d+\], Context: \/app, Status: DISABLED/);
      await page.getByRole('button', { name: 'Stop all: all contexts of node node1', exact: true }).click();
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Stop all contexts of node node1?');
      await page.getByRole('link', { name: 'Cancel' }).click();
      expect(await infoOf(lb)).toMatch(/Context: \/shop, Status: ENABLED/);
      await page.getByRole('button', { name: 'Stop all: all contexts of node node1', exact: true }).click();
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      expect(await page.getByRole('status').innerText()).toBe('Stopped 2 contexts of node node1.');
      expect((await infoOf(lb)).match(/\[0:1:\d+\], Context: \S+, Status: STOPPED/g)).toHaveLength(2);
      await page.reload();
      expect(await page.getByRole('status').count()).toBe(0);
      expect(said).toEqual([]);
    },
  );

  it('is filtered, and used with the keyboard alone', async () => {
    const lb = await variedCluster();
    const { page, said } = await open(lb);
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Skip to the nodes');
    const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineWidth');
    expect(outline).toBe('2px');
    await page.getByLabel('Filter').focus();
    await page.keyboard.type('node1 shop');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\?filter=node1\+shop$/);
    expect(await page.getByRole('article').count()).toBe(1);
    await page.getByRole('button', { name: 'Disable /shop on node1', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Disable', exact: true }).focus();
    await page.keyboard.press('Space');
    await page.waitForURL(/\?filter=node1%20shop&done=/);
    expect(await page.getByRole('status').innerText()).toBe('Disabled /shop on node1.');
    expect(said).toEqual([]);
  });

  it('asks for the token where it has to, by the means of the browser', async () => {
    const lb = await startTestBalancer({ token: 'secret-of-this-test' });
    await lb.register('node1', 1, { load: null });
    const { page } = await open(lb, {
      extraHTTPHeaders: { 'X-Forwarded-For': '192.0.2.1' },
      httpCredentials: { username: 'operator', password: 'secret-of-this-test' },
    });
    await page.getByRole('button', { name: 'Stop /app on node1', exact: true }).click();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    expect(await page.getByRole('status').innerText()).toBe('Stopped /app on node1.');
  });

  it('runs no script and loads nothing, even when markup gets into it', async () => {
    const lb = await variedCluster();
    const { page, said } = await open(lb);
    expect(await page.evaluate<number>('document.scripts.length')).toBe(0);
    const ran = await page.evaluate<{ title: string; violations: string[] }>(INJECTED);
    expect(ran.title).not.toMatch(/ran|^1$/);
    expect(ran.violations).toEqual(['img-src', 'script-src-attr', 'script-src-elem', 'style-src-attr']);
    expect(said.length).toBeGreaterThan(0);
  });

  it.each([360, 800, 1400])(
    'fits %i pixels, light and dark: nothing to scroll sideways, text to read, targets for thumbs',
    async (width) => {
      const lb = await variedCluster();
      const isMobile = width < 500;
      const { page, said } = await open(lb, { viewport: { width, height: 800 }, isMobile, hasTouch: isMobile });
      const look = async (): Promise<void> => {
        expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        if (isMobile) expect(await page.evaluate<string[]>(SMALL_TARGETS)).toEqual([]);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          const dark = await page.evaluate<boolean>(
            `getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)'`,
          );
          expect(dark).toBe(colorScheme === 'dark');
          const { poor, measured } = await page.evaluate<{ poor: string[]; measured: number }>(POOR_CONTRASTS);
          expect(poor).toEqual([]);
          expect(measured).toBeGreaterThan(5);
        }
      };
      await look();
      await page.getByRole('button', { name: 'Stop all: all contexts of domain east', exact: true }).click();
      await look();
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await look();
      expect(said).toEqual([]);
    },
  );
});
