import { beforeAll, expect, it } from 'vitest';
import type { Installation } from '../../bench/installation.ts';
import { browse, expectAccessible, onPage, openInstallation } from './harness.ts';

/** Screens as everybody has them: both themes, keyboards, and a server that is away for a while. */
const SCREENS = [
  ...['/', '/live', '/recordings', '/recordings?tab=clips', '/recordings?tab=events', '/ask'],
  ...['/system', '/system/models', '/system/keys', '/system/settings', '/nowhere'],
];

onPage('the page', () => {
  let site: Installation;
  beforeAll(async () => {
    site = await openInstallation({ workers: [] });
  });

  it.each(['light', 'dark'] as const)('keeps nobody out: %s', async (colorScheme) => {
    await using browsing = await browse(site, '/', { colorScheme });
    const { page } = browsing;
    for (const path of SCREENS) {
      await page.goto(path);
      await page.locator('main h1').waitFor();
      await page.waitForLoadState('networkidle').catch(() => {}); // The feed never ends.
      await expectAccessible(page, `${colorScheme} ${path}`);
    }
  });

  it('is gone through with the keyboard alone', async () => {
    await using browsing = await browse(site, '/');
    const { page } = browsing;
    await page.locator('main h1').waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('link', { name: 'Skip to the content' }).waitFor();
    for (const name of ['Live', 'Recordings', 'Ask', 'System', 'Jobs']) {
      await page.getByRole('link', { name, exact: true }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      expect(await page.getByRole('link', { name, exact: true }).getAttribute('aria-current')).toBe('page');
    }
  });

  it('fits a phone and a wall', async () => {
    for (const [width, height] of [
      [360, 740],
      [2560, 1440],
    ] as const) {
      await using browsing = await browse(site, '/', { viewport: { width, height } });
      for (const path of SCREENS) {
        await browsing.page.goto(path);
        await browsing.page.locator('main h1').waitFor();
        const wide = await browsing.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect([width, path, wide <= 0]).toEqual([width, path, true]);
      }
      // Wherever they are: to be seen, once.
      await browsing.page.goto('/system');
      await browsing.page.locator('main h1').waitFor();
      await expect
        .poll(() =>
          browsing.page
            .getByRole('button', { name: /^Colours/ })
            .filter({ visible: true })
            .count(),
        )
        .toBe(1);
    }
  });

  it('says that the server is away, and comes back with it', async () => {
    await using browsing = await browse(site, '/system');
    const { page } = browsing;
    browsing.expect(/net::ERR|Failed to load resource|503/);
    await page.locator('main h1').waitFor();
    await site.restartServer('SIGKILL').catch(() => {});
    await page.getByText('The server does not answer').waitFor({ state: 'hidden', timeout: 60_000 });
    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.locator('.offline').waitFor({ state: 'detached', timeout: 60_000 });
  });
});
