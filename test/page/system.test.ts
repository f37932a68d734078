import { beforeAll, expect, it } from 'vitest';
import type { Installation } from '../../bench/installation.ts';
import { browse, onPage, openInstallation } from './harness.ts';

onPage('the system', () => {
  let site: Installation;

  beforeAll(async () => {
    const secret = `whsec_${'sesame'.repeat(6)}`;
    site = await openInstallation({
      env: { SIDESTREAM_WEBHOOKS__SECRET: secret, SIDESTREAM_MODEL__SHORT_SIDE: '128' },
    });
    const body = { input: { path: `${process.cwd()}/test/fixtures/toytown/drive.mp4` }, vocabulary: 'road' };
    await site.ask('POST', '/v1/jobs', body);
  });

  it('shows how it stands, and sees a worker go and Redis come back', async () => {
    await using browsing = await browse(site, '/system');
    const { page } = browsing;
    await page.getByRole('heading', { name: 'All is well' }).waitFor();
    await page
      .getByRole('link', { name: /of a job$/ })
      .first()
      .waitFor();
    const worker = page.locator('.workers > li');
    expect(await worker.innerText()).toContain(`· ${site.workers[0]?.pid}`);
    await page.waitForFunction(() => !document.querySelector('.doing a'), undefined, { timeout: 90_000 });
    await worker.getByText('street-tiny on cpu').waitFor();

    site.cut();
    browsing.expect(/status of 503/);
    await page.getByText('It does not answer.').waitFor();
    await page.getByRole('heading', { name: /needs? attention/ }).waitFor();
    site.mend();
    await page.getByRole('heading', { name: 'All is well' }).waitFor();
  });

  it('shows its models, with their licences, and those that can be fetched', async () => {
    await using browsing = await browse(site, '/system');
    const { page } = browsing;
    await page.getByRole('link', { name: 'Models' }).click();
    await page.waitForURL('**/system/models');
    const tiny = page.locator('.models > li', { hasText: 'street-tiny' });
    await tiny.getByText('Used where nothing is said').waitFor();
    expect(await tiny.innerText()).toContain('CC BY-NC 4.0');
    expect(await page.getByRole('button', { name: 'Fetch san-vit-b-16' }).count()).toBe(1);
  });

  it('shows the settings, found by a word, with nothing secret', async () => {
    await using browsing = await browse(site, '/system/settings?q=secret');
    const { page } = browsing;
    const found = page.locator('.settings', { hasText: 'webhooks' });
    await found.getByText('SIDESTREAM_WEBHOOKS__SECRET').waitFor();
    expect(await page.content()).not.toContain('sesame');
    await page.getByLabel('Search settings').fill('rate_limit');
    await page.waitForURL('**/system/settings?q=rate_limit');
    await page.getByText('SIDESTREAM_HTTP__RATE_LIMIT').waitFor();
    await page.getByRole('switch', { name: /differs/ }).click();
    await page.waitForURL('**/system/settings?q=rate_limit&changed=1');
    expect(await page.getByRole('status').innerText()).toBe('1 setting');
  });

  it('makes keys that are shown once, let in whom they should, and let nobody in once revoked', async () => {
    await using admin = await browse(site, '/system/keys');
    const { page } = admin;
    // Nobody has to sign in on a machine of one's own, until there is a key.
    await page.getByRole('button', { name: 'Make the first key' }).click();
    await page.getByLabel('Name').fill('Anna <b>x</b>');
    await page.getByRole('button', { name: 'Make it' }).click();
    const field = page.getByLabel('Key of Anna <b>x</b>', { exact: true });
    await field.waitFor();
    const first = await field.inputValue();
    expect(first).toMatch(/^ssk_/);
    await page.keyboard.press('Escape');
    await page.getByText('it cannot be shown again').waitFor();
    await page.getByRole('button', { name: 'I have it' }).click();
    const row = page.getByRole('row', { name: /^Anna/ });
    await row.getByText('yours').waitFor();
    expect(await row.innerText()).toContain('Anna <b>x</b>');
    expect(await page.content()).not.toContain(first);

    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('guest');
    await page.getByLabel('Role').selectOption('viewer');
    await page.getByRole('button', { name: 'Make it' }).click();
    const guest = await page.getByLabel('Key of guest', { exact: true }).inputValue();
    await page.getByRole('button', { name: 'I have it' }).click();

    await using other = await browse(site, '/?state=done');
    const visitor = other.page;
    const key = visitor.getByLabel('Key', { exact: true });
    await key.waitFor();
    // That nobody is signed in yet is no fault.
    expect(other.complaints).toEqual([]);
    other.expect(/status of 401/);
    await key.fill('ssk_nonsense');
    await visitor.getByRole('button', { name: 'Show the key' }).click();
    expect(await key.getAttribute('type')).toBe('text');
    await visitor.getByRole('button', { name: 'Sign in' }).click();
    await visitor.getByRole('alert').getByText('not in force').waitFor();
    expect(await key.evaluate((element) => element === document.activeElement)).toBe(true);
    await key.fill(guest);
    await visitor.keyboard.press('Enter');
    // Where one wanted to go; and nothing that one may not do.
    await visitor.getByRole('article').waitFor();
    expect(new URL(visitor.url()).search).toBe('?state=done');
    expect(await visitor.getByLabel('Choose videos').count()).toBe(0);
    expect(await visitor.getByRole('checkbox').count()).toBe(0);
    expect(await visitor.getByRole('article').getByRole('button').allInnerTexts()).toHaveLength(1);
    await visitor.getByRole('link', { name: 'System' }).click();
    await visitor.getByRole('heading', { name: 'All is well' }).waitFor();
    expect(
      await visitor
        .getByRole('navigation', { name: 'Parts of the system' })
        .getByRole('link')
        .allInnerTexts(),
    ).toEqual(['Overview', 'Models']);

    await page.getByRole('button', { name: 'Revoke the key of guest' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page
      .getByRole('row', { name: /^guest/ })
      .getByText('Revoked')
      .waitFor();
    await visitor.getByText('The session has ended').waitFor();
    // Without the last key all is as before.
    admin.expect(/status of 401/);
    await page.getByRole('button', { name: 'Revoke the key of Anna' }).click();
    await page.getByRole('dialog').getByText('signed out').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No key is needed here at present').waitFor();
  });
});
