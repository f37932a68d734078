import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Installation } from '../../bench/installation.ts';
import { openDatabase } from '../../src/jobs/database.ts';
import type { JobView } from '../../src/jobs/jobs.ts';
import { browse, onPage, openInstallation } from './harness.ts';
import { openRelay } from './relay.ts';

const VIDEO = join(process.cwd(), 'test/fixtures/toytown/drive.mp4');
/** As any file may be called. */
const MARKUP = '<img src=x onerror=alert(1)>.mp4';
/** What a browser says of a server that is away. */
const AWAY = /net::ERR_|status of 50[234]/;

onPage('the jobs', () => {
  let site: Installation;
  let folder: string;

  beforeAll(async () => {
    // What is seen does not matter here.
    site = await openInstallation({ env: { SIDESTREAM_MODEL__SHORT_SIDE: '128' } });
    folder = await mkdtemp(join(tmpdir(), 'sidestream-page-'));
  });
  afterAll(async () => await rm(folder, { recursive: true, force: true }));

  const jobs = async () => (await site.ask<{ jobs: JobView[] }>('GET', '/v1/jobs?limit=100')).jobs;
  const submit = async (name: string, vocabulary = 'road, car') => {
    const body = { input: { path: VIDEO }, vocabulary, metadata: { name } };
    return await site.ask<JobView>('POST', '/v1/jobs', body);
  };
  const rowOf = (page: Page, name: string) => page.getByRole('article').filter({ hasText: name });

  it('begin with a video that is dropped, and end with a picture of what was seen', async () => {
    await using browsing = await browse(site);
    const { page } = browsing;
    await page.getByRole('heading', { name: 'Every pixel of your video gets a name' }).waitFor();
    await drop(page, VIDEO, MARKUP);
    // The words of the model, to be changed.
    await page.getByRole('button', { name: 'Remove traffic sign' }).click();
    await page.getByRole('combobox', { name: 'Words' }).fill('car|vehicle');
    await page.getByRole('button', { name: 'Remove car', exact: true }).click();
    await page.getByText('Model and options').click();
    await page.getByLabel('Written over the picture').selectOption('ids');
    await page.getByText(/^Uploaded · /).waitFor();
    await page.getByRole('button', { name: 'Segment', exact: true }).click();

    const row = rowOf(page, MARKUP);
    await row.getByRole('progressbar').waitFor();
    await row.getByText('Done').waitFor({ timeout: 90_000 });
    await page.waitForFunction(() => {
      const picture = document.querySelector<HTMLImageElement>('.thumb img');
      return (picture?.complete && picture.naturalWidth > 0) === true;
    });
    expect(await row.locator('.about').innerText()).toMatch(/144 frames · took \d+:\d\d/);
    const [job] = await jobs();
    expect(job?.metadata).toEqual({ name: MARKUP });
    expect(job?.vocabulary).toContain('car');
    expect(job?.vocabulary).not.toContain('traffic sign');

    // Another time: the words are still there, and the job can be downloaded and looked at.
    await page.reload();
    await drop(page, VIDEO, 'again.mp4');
    await page.getByRole('button', { name: 'Remove car|vehicle' }).waitFor();
    expect(await page.getByRole('button', { name: 'Remove traffic sign' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Do not send again.mp4' }).click();
    await page.getByRole('button', { name: `Download ${MARKUP}` }).click();
    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Report' }).click();
    expect(JSON.parse(await readFile(await (await coming).path(), 'utf8'))).toHaveProperty('frames');
    await row.getByRole('link').first().click();
    await page.waitForURL(`**/jobs/${job?.id}`);
  });

  it('go on with an upload where it was: after the network was cut, and after the page was left', async () => {
    const large = await pad(VIDEO, join(folder, 'large.mp4'), 48_000_000);
    await using relay = await openRelay(site.url, 6_000_000);
    await using browsing = await browse(relay);
    const { page } = browsing;
    browsing.expect(AWAY);
    await page.getByLabel('Choose videos').setInputFiles(large);
    const row = page.locator('.coming', { hasText: 'large.mp4' });
    const sent = async () => Number(/([\d.]+) MB of 48 MB/.exec(await row.innerText())?.[1] ?? 0);
    // More than what is still on its way.
    await expect.poll(sent, { timeout: 20_000 }).toBeGreaterThan(24);
    relay.cut();
    await row.getByText('It goes on by itself').waitFor();
    relay.mend();
    await row.getByText(/^Uploading/).waitFor();
    await row.getByRole('button', { name: 'Pause large.mp4' }).click();
    await row.getByText(/^Paused/).waitFor();
    const before = await sent();
    expect(before).toBeGreaterThan(5);

    await page.reload();
    await page.getByText(/MB of 48 MB are there/).waitFor();
    await page.getByLabel('Choose videos').setInputFiles(large);
    await page.getByRole('button', { name: 'Segment', exact: true }).click();
    const [, from] =
      /goes on after ([\d.]+) MB/.exec((await row.getByText(/goes on after/).textContent()) ?? '') ?? [];
    expect(Number(from)).toBeGreaterThan(5);
    await rowOf(page, 'large.mp4').waitFor({ timeout: 30_000 });
    const made = (await jobs()).filter(({ metadata }) => metadata.name === 'large.mp4');
    expect(made).toHaveLength(1);
    // It is whole: a worker can read it.
    const frames = async () => (await site.ask<JobView>('GET', `/v1/jobs/${made[0]?.id}`)).frames;
    await expect.poll(frames, { timeout: 60_000 }).toBe(144);
    await site.ask('POST', `/v1/jobs/${made[0]?.id}/cancel`);
    // Nothing is left of it.
    await page.reload();
    await page.getByLabel('Choose videos').waitFor();
    expect(await page.getByText('Not finished').count()).toBe(0);
  });

  it('come of an upload whose key was revoked meanwhile, once somebody has signed in again', async () => {
    const large = await pad(VIDEO, join(folder, 'revoked.mp4'), 24_000_000);
    interface Made {
      readonly id: string;
      readonly secret: string;
    }
    const admin = await site.ask<Made>('POST', '/v1/keys', { name: 'admin', role: 'admin' });
    const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
      const json = body ? { 'content-type': 'application/json' } : {};
      const headers = { authorization: `Bearer ${admin.secret}`, ...json };
      const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
      const answer = await fetch(`${site.url}${path}`, init);
      expect([path, answer.ok]).toEqual([path, true]);
      return answer.status === 204 ? undefined : await answer.json();
    };
    const operator = async (name: string) =>
      (await ask('POST', '/v1/keys', { name, role: 'operator' })) as Made;
    const [first, second] = [await operator('first'), await operator('second')];
    // Without keys all is as before: the last one is the administrator's.
    onTestFinished(async () => {
      const headers = { authorization: `Bearer ${admin.secret}` };
      for (const { id } of [first, second, admin])
        await fetch(`${site.url}/v1/keys/${id}`, { method: 'DELETE', headers });
    });
    await using relay = await openRelay(site.url, 3_000_000);
    await using browsing = await browse(relay);
    const { page } = browsing;
    const signIn = async ({ secret }: Made) => {
      await page.getByLabel('Key', { exact: true }).fill(secret);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    await signIn(first);
    await page.getByLabel('Choose videos').setInputFiles(large);
    await page.getByRole('button', { name: 'Segment', exact: true }).click();
    const sent = async () =>
      Number(/([\d.]+) MB of 24 MB/.exec(await page.locator('.coming').innerText())?.[1] ?? 0);
    await expect.poll(sent, { timeout: 20_000 }).toBeGreaterThan(6);
    // What it still asks for with its old key is refused, and another key does not find the upload of the first.
    browsing.expect(/status of (401|403|404|422)/);
    await ask('DELETE', `/v1/keys/${first.id}`);
    await page.getByText('The session has ended').waitFor();
    await signIn(second);
    await rowOf(page, 'revoked.mp4').waitFor({ timeout: 60_000 });
    const all = async () => ((await ask('GET', '/v1/jobs?limit=100')) as { jobs: JobView[] }).jobs;
    const made = (await all()).filter(({ metadata }) => metadata.name === 'revoked.mp4');
    expect(made).toHaveLength(1);
    const [{ id }] = made as [JobView];
    await expect
      .poll(async () => ((await ask('GET', `/v1/jobs/${id}`)) as JobView).frames, { timeout: 60_000 })
      .toBe(144);
    await ask('POST', `/v1/jobs/${id}/cancel`);
  });

  it('become one job, though the answer was lost', async () => {
    await using browsing = await browse(site);
    const { page } = browsing;
    browsing.expect(AWAY);
    let lost = 0;
    await page.route('**/v1/jobs', async (route) => {
      if (route.request().method() !== 'POST' || lost++ > 0) return await route.fallback();
      await route.fetch();
      await route.abort('connectionreset');
    });
    await page
      .getByLabel('Choose videos')
      .setInputFiles({ name: 'lost.mp4', mimeType: 'video/mp4', buffer: await readFile(VIDEO) });
    await page.getByRole('button', { name: 'Segment', exact: true }).click();
    await rowOf(page, 'lost.mp4').waitFor({ timeout: 20_000 });
    // Other tabs know it at once; this one has to ask again.
    await expect.poll(() => lost, { timeout: 10_000 }).toBe(2);
    await page.locator('.coming').waitFor({ state: 'detached' });
    expect((await jobs()).filter(({ metadata }) => metadata.name === 'lost.mp4')).toHaveLength(1);
  });

  it('are refused in plain words, and keep what was typed', async () => {
    await using browsing = await browse(site);
    const { page } = browsing;
    browsing.expect(/status of 422/);
    await page.getByLabel('Address of a video').fill('http://10.0.0.1/street.mp4');
    await page.keyboard.press('Enter');
    await page.getByRole('combobox', { name: 'Words' }).fill('tram,');
    await page.getByRole('button', { name: 'Segment', exact: true }).click();
    await page.locator('.coming').getByRole('alert').waitFor();
    expect(await page.locator('.coming').getByRole('alert').innerText()).toContain('ADDRESS_REFUSED');
    await page.getByRole('button', { name: 'Remove tram' }).waitFor();
    await page.getByRole('button', { name: 'Do not send' }).click();
    await page.getByLabel('Address of a video').fill('street.mp4');
    await page.keyboard.press('Enter');
    await page.getByText('An address begins with').waitFor();

    const text = { name: 'broken.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no video'.repeat(100)) };
    await page.getByLabel('Choose videos').setInputFiles(text);
    await page.getByRole('button', { name: 'Segment', exact: true }).click();
    const row = rowOf(page, 'broken.mp4');
    await row.getByText('Failed').waitFor();
    expect(await row.innerText()).toMatch(/This file is no video that can be read\. .* INPUT_INVALID/s);
  });

  it('are the same in every tab: begun, cancelled, run again and deleted', async () => {
    await using browsing = await browse(site);
    const [one, two] = [browsing.page, await browsing.tab('/?label=tram%20line')];
    await two.getByText('No such jobs').waitFor();
    await submit('elsewhere.mp4', 'tram line');
    const [here, there] = [rowOf(one, 'elsewhere.mp4'), rowOf(two, 'elsewhere.mp4')];
    await here.waitFor();
    await there.waitFor();
    await here.getByRole('button', { name: 'Cancel elsewhere.mp4' }).click();
    await there.getByText('Cancelled').waitFor();
    await there.getByRole('button', { name: 'Run elsewhere.mp4 again' }).click();
    await expect.poll(() => here.count()).toBe(2);
    for (const name of await here.getByRole('checkbox').all()) await name.check();
    await one
      .getByRole('region', { name: '2 jobs selected' })
      .getByRole('button', { name: 'Delete' })
      .click();
    await one.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => here.count()).toBe(0);
    await two.getByText('No such jobs').waitFor();
  });

  it('are found by state and word, with the keyboard alone, and by the address', async () => {
    await using browsing = await browse(site);
    const { page } = browsing;
    await page.getByRole('article').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('Tram');
    await page.waitForURL('**/?label=Tram');
    await rowOf(page, 'broken.mp4').waitFor();
    expect(await page.getByRole('article').count()).toBe(1);
    await page.getByRole('button', { name: 'Done', exact: true }).click();
    await page.waitForURL('**/?state=done&label=Tram');
    await page.getByRole('button', { name: 'Show all jobs' }).last().click();
    await page.waitForURL((url) => url.search === '');
    await rowOf(page, MARKUP).waitFor();
    await page.getByRole('heading', { name: 'Jobs' }).click();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys (?)' }).waitFor();
  });

  it('scroll by the ten thousand', async () => {
    const known = (await jobs()).length;
    fill(join(site.folder, 'data', 'records.sqlite'), (await jobs())[0] as JobView, 10_000);
    await using browsing = await browse(site);
    const { page } = browsing;
    await page.getByText('film 9999').waitFor();
    // Whatever is out of sight is not there.
    expect(await page.getByRole('article').count()).toBeLessThan(40);
    const count = async () =>
      Number(
        await page
          .getByRole('listitem')
          .filter({ has: page.getByRole('article') })
          .first()
          .getAttribute('aria-setsize'),
      );
    await expect
      .poll(
        async () => {
          await page.mouse.wheel(0, 1e6);
          return await count();
        },
        { timeout: 90_000, interval: 50 },
      )
      .toBe(10_000 + known);
    await page.mouse.wheel(0, 1e7);
    await page.getByText('film 0', { exact: true }).waitFor();
    expect(await page.getByRole('article').count()).toBeLessThan(40);
  });
});

/** Writes a video that is so many bytes long, by a box that players skip. Gives its path. */
async function pad(from: string, to: string, bytes: number): Promise<string> {
  const video = await readFile(from);
  const free = Buffer.alloc(bytes - video.length);
  free.writeUInt32BE(free.length, 0);
  free.write('free', 4);
  await writeFile(to, Buffer.concat([video, free]));
  return to;
}

/** Drops a file onto the page, as a person would. */
async function drop(page: Page, path: string, name: string): Promise<void> {
  await page.getByLabel('Choose videos').waitFor();
  const base64 = (await readFile(path)).toString('base64');
  const transfer = await page.evaluateHandle(
    ([content, called]) => {
      const dropped = new DataTransfer();
      const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
      dropped.items.add(new File([bytes], called, { type: 'video/mp4' }));
      return dropped;
    },
    [base64, name] as const,
  );
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: transfer });
  await page.getByText('Let go to add them').waitFor();
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
}

/** Puts jobs that have ended into the records of a server, older than all that it has. */
function fill(path: string, like: JobView, count: number): void {
  const db = openDatabase(path);
  const add = db.prepare(
    'INSERT INTO jobs (id, submitter, state, created, bytes, view) VALUES (?, ?, ?, ?, 0, ?)',
  );
  db.exec('BEGIN');
  for (let i = 0; i < count; i++) {
    const created = Date.parse('2020-01-01T00:00:00Z') + i * 1000;
    const id = `${created.toString(36).padStart(9, '0')}${String(i).padStart(16, '0')}`;
    const view: JobView = {
      ...{ ...like, id, state: 'done', created_at: new Date(created).toISOString(), results: {} },
      ...{ metadata: { name: `film ${i}` }, error: undefined },
    };
    add.run(id, 'local', 'done', created, JSON.stringify(view));
  }
  db.exec('COMMIT');
  db.close();
}
