import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { type Installation, install, processesOf } from '../../bench/installation.ts';

/** The page in a real browser, before a real server with real workers. */

const EXECUTABLE = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Tests that need a browser. Where there is none, one test that says so is skipped. */
export function onPage(title: string, tests: () => void): void {
  if (EXECUTABLE) describe(title, tests);
  else
    it(title, ({ skip }) =>
      skip('there is no Chromium: "npm run test:page" installs it where the system has one'),
    );
}

/** Small pictures: what is tested is the same, and takes less time. */
const SMALL = {
  SIDESTREAM_MODEL__SHORT_SIDE: '224',
  SIDESTREAM_SEGMENT__EXPAND: 'none',
  SIDESTREAM_LIVE__STATE_SECONDS: '0.5',
};

/** Redis, a server and workers for the tests of a file; `env` as the settings have it. Ends with the file. */
export async function openInstallation({
  workers = [[]],
  env = {},
}: {
  readonly workers?: readonly (readonly string[])[];
  readonly env?: NodeJS.ProcessEnv;
} = {}): Promise<Installation> {
  const site = await install({
    workers,
    env: { ...SMALL, ...env },
    log: (line) => process.env.VERBOSE && !/"msg":"request"/.test(line) && console.log(line.slice(0, 400)),
  });
  // A hook that is set within another one is never called.
  afterAllOnce(async () => {
    await site[Symbol.asyncDispose]();
    const left = await processesOf(site.folder);
    if (left.length > 0) throw new Error(`left behind: ${left}`);
  });
  return site;
}

export interface Browsing extends AsyncDisposable {
  readonly page: Page;
  /** What the browser complained about, so far: of errors, warnings, the policy, other hosts. */
  readonly complaints: string[];
  /** Complaints that a test provokes on purpose, such as a server that is away, are expected. */
  expect(complaint: RegExp): void;
  /** Another tab of the same browser. */
  tab(path: string): Promise<Page>;
}

/** Nothing on the screen keeps people out, as far as axe-core can tell: nothing serious, nothing critical. */
export async function expectAccessible(page: Page, where = page.url()): Promise<void> {
  // As a script of the tool's: the page's own policy lets no foreign one in.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
  const found = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  expect([where, ...found]).toEqual([where]);
}

let browser: Promise<Browser> | undefined;

/**
 * A fresh browser profile at an address of the server. Disposing of it throws where the browser had to complain: about
 * errors, warnings, the page's policy, or what was asked of any other host.
 */
export async function browse(
  site: Pick<Installation, 'url'>,
  path = '/',
  options: BrowserContextOptions = {},
): Promise<Browsing> {
  browser ??= launch();
  const context = await (await browser).newContext({
    viewport: { width: 1280, height: 800 },
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    baseURL: site.url,
    ...options,
  });
  const complaints: string[] = [];
  const expected: RegExp[] = [];
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) {
      const { url } = message.location();
      complaints.push(`${message.type()}: ${message.text()} (${url})`);
    }
  });
  context.on('weberror', (error) => complaints.push(`thrown: ${error.error().stack}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== new URL(site.url).origin && !['blob:', 'data:'].includes(url.protocol))
      complaints.push(`another host was asked: ${request.url()}`);
  });
  const tab = async (where: string): Promise<Page> => {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(where);
    return page;
  };
  return {
    page: await tab(path),
    complaints,
    expect: (complaint) => void expected.push(complaint),
    tab,
    async [Symbol.asyncDispose]() {
      await context.close();
      const left = complaints.filter((one) => !expected.some((known) => known.test(one)));
      if (left.length > 0) throw new Error(`the browser complained:\n${left.join('\n')}`);
    },
  };
}

async function launch(): Promise<Browser> {
  const begun = await chromium.launch({
    executablePath: EXECUTABLE as string,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--mute-audio'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
  afterAllOnce(() => begun.close());
  return begun;
}

const ends: (() => Promise<void>)[] = [];
const afterAllOnce = (end: () => Promise<void>) => void ends.push(end);
afterAll(async () => {
  for (const end of ends.splice(0)) await end();
});
