import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Installation } from '../../bench/installation.ts';
import type { Rules } from '../../src/clips/rules/rules.ts';
import type { StreamView } from '../../src/streams/streams.ts';
import type { Camera } from '../fixtures/live/rtsp-server.ts';
import { startTownCamera } from '../fixtures/live/town-camera.ts';
import { type Browsing, browse, expectAccessible, onPage, openInstallation } from './harness.ts';

const FPS = 10;
/** Shown as it is, wherever it is shown. */
const NAME = '<img src=x onerror=alert(1)>';
const RULE = '<b onclick=alert(2)>car</b> in it';
/** Draws most of the picture, from its middle. */
const STROKES: readonly (readonly [key: string, times: number])[] = [
  ...([
    ['ArrowLeft', 48],
    ['ArrowUp', 20],
    ['Space', 1],
    ['ArrowRight', 96],
    ['Space', 1],
  ] as const),
  ...([
    ['ArrowDown', 68],
    ['Space', 1],
    ['ArrowLeft', 96],
    ['Space', 1],
    ['Enter', 1],
  ] as const),
];
/** Milliseconds, on a machine that others use as well. */
const LONG = 90_000;

onPage('a camera', () => {
  let site: Installation;
  let camera: Camera;
  let folder: string;
  let id: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidestream-live-'));
    camera = await startTownCamera(folder, { seconds: 12, fps: FPS });
    site = await openInstallation({
      workers: [
        ['--queues', 'live'],
        ['--queues', 'clips'],
      ],
      env: {
        // The model need not see all: it has the machine to share.
        SIDESTREAM_LIVE__POLICY: 'every:3',
        SIDESTREAM_LIVE__HLS_SECONDS: '1',
        SIDESTREAM_RECORD__SECONDS: '2',
      },
    });
  });
  afterAll(async () => {
    await camera?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The one camera that there is, as the server has it. */
  const stream = async () =>
    (await site.ask<{ streams: StreamView[] }>('GET', '/v1/streams')).streams.find(
      (one) => one.name === NAME,
    )!;

  async function open(path: string, options?: BrowserContextOptions): Promise<Browsing> {
    const browsing = await browse(site, path, options);
    // A busy machine has the next picture too late now and then, and the page asks again.
    browsing.expect(/status of 503 .*\/(snapshot\.jpg|index\.m3u8)/);
    return browsing;
  }

  it('is added by its address, once that was tried, with the keyboard alone', async () => {
    await using browsing = await open('/live');
    const { page } = browsing;
    await press(page, page.getByRole('button', { name: 'Add camera' }));
    const dialog = page.getByRole('dialog', { name: 'Add a camera' });
    await expect.poll(() => isFocused(dialog.getByLabel('Address'))).toBe(true);
    await page.keyboard.type('camera');
    await page.keyboard.press('Enter');
    await dialog.getByText('An address begins with').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type(camera.url);
    await page.keyboard.press('Enter');
    await dialog.getByText('The camera sends pictures.').waitFor({ timeout: LONG });
    expect(await dialog.getByRole('img', { name: 'Picture of the camera' }).evaluate(widthOf)).toBe(320);
    await type(page, dialog.getByLabel('Name'), NAME);
    await type(page, dialog.getByRole('combobox', { name: 'Look for' }), 'car, road,');
    await press(page, dialog.getByRole('switch', { name: 'Record it' }), 'Space');
    await press(page, dialog.getByRole('button', { name: 'Add', exact: true }));
    await dialog.waitFor({ state: 'detached' });
    await press(page, page.getByRole('link', { name: `Open ${NAME}` }));
    await page.getByRole('heading', { level: 1, name: NAME }).waitFor();
    ({ id } = await stream());
    expect(page.url()).toBe(`${site.url}/live/${id}`);
    await page.locator('.camera-title').getByText('Live', { exact: true }).waitFor({ timeout: LONG });
  });

  it('is seen, smoothly and at once, with what is known of how it goes', async () => {
    await using browsing = await open(`/live/${id}`);
    const { page } = browsing;
    const video = page.locator('video');
    const time = () => video.evaluate((element) => (element as HTMLVideoElement).currentTime);
    const begun = await moved(time);
    await moved(time, begun);
    expect(await video.evaluate((element) => (element as HTMLVideoElement).videoWidth)).toBe(320);
    await page.getByText('Waiting for the picture').waitFor({ state: 'hidden' });
    const figures = page.getByRole('region', { name: 'How it goes' });
    for (const figure of [
      /\d a second, [\d.]+ of them/,
      /^(none|[\d,]+) of [\d,]+ pictures?/,
      /320×180, h264/,
    ])
      await figures.getByText(figure).waitFor();

    await press(page, page.getByRole('button', { name: 'Low latency' }));
    expect(new URL(page.url()).searchParams.get('way')).toBe('mjpeg');
    const picture = page.getByRole('img', { name: `Picture of ${NAME}` });
    const number = () => picture.evaluate(numberIn);
    await moved(number, await moved(number));
  });

  it('gets other words while it runs, and its pictures are named with them', async () => {
    await using browsing = await open(`/live/${id}?way=mjpeg`);
    const { page } = browsing;
    const seen = page.getByRole('region', { name: 'Seen now' });
    await seen.getByText('road', { exact: true }).waitFor({ timeout: LONG });
    await type(page, page.getByRole('combobox', { name: 'Looks for' }), 'sky|heaven,');
    await page.getByRole('button', { name: 'Remove road' }).press('Enter');
    await seen.getByText('sky', { exact: true }).waitFor({ timeout: LONG });
    await seen.getByText('road', { exact: true }).waitFor({ state: 'detached' });
    await page.getByText('Saved, and in use').waitFor({ timeout: LONG });
    expect((await stream()).words).toEqual([['car'], ['sky', 'heaven']]);
  });

  it('is watched by a rule about a zone, both made with keys, tried on what is recorded, and met', async () => {
    await using browsing = await open(`/live/${id}?tab=rules`);
    const { page } = browsing;
    const events = await browsing.tab(`/live/${id}?tab=events`);
    await events.getByText('None of this camera’s rules has been met yet.').waitFor();

    await press(page, page.getByRole('button', { name: 'Add a rule' }));
    await type(page, page.getByLabel('Name', { exact: true }), RULE);
    await type(page, page.getByRole('combobox', { name: 'What to wait for' }), 'car,');
    // What is half done survives a look at the picture.
    await page.getByRole('button', { name: 'Now', exact: true }).press('Enter');
    await page.getByRole('region', { name: 'Seen now' }).waitFor();
    await page.getByRole('button', { name: 'Rules', exact: true }).press('Enter');
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe(RULE);
    await press(page, page.locator('.rule-fields').getByRole('button', { name: 'Draw a zone' }));
    const stage = page.getByRole('group', { name: 'Picture with zones and lines' });
    await expect.poll(() => isFocused(stage)).toBe(true);
    for (const [key, times] of STROKES) for (let i = 0; i < times; i++) await page.keyboard.press(key);
    expect(await page.getByRole('button', { name: 'zone 1', exact: true }).getAttribute('aria-pressed')).toBe(
      'true',
    );
    // A corner is moved, and one is put in and taken away again.
    const corner = page.getByRole('button', { name: /^zone 1, point 1: / });
    await press(page, corner, 'Shift+ArrowUp');
    await corner.press('+');
    await page.getByRole('button', { name: /^zone 1, point 5: / }).waitFor();
    await page.keyboard.press('Delete');
    await page.getByRole('button', { name: /^zone 1, point 5: / }).waitFor({ state: 'detached' });
    await page.getByLabel('Name (zone)').fill(NAME);
    await page.keyboard.press('Enter');
    await page.locator('.rule-fields').getByRole('button', { name: NAME }).waitFor();

    // What was recorded has it already.
    const preview = page.getByRole('region', { name: 'What these rules would have met' });
    const go = preview.getByRole('button', { name: /Preview|Look again/ });
    for (let events = 0, end = Date.now() + LONG; events === 0 && Date.now() < end; ) {
      const answer = page.waitForResponse((one) => one.url().endsWith('/rules/preview'), { timeout: LONG });
      await press(page, go);
      events = ((await (await answer).json()) as { events: unknown[] }).events.length;
    }
    await preview.getByText(/^\d+ events? .* of it are recorded/).waitFor();
    await preview.getByRole('img', { name: `${RULE}: ` }).waitFor();
    await preview.locator('.event-list li').filter({ hasText: RULE }).first().waitFor();

    await press(page, page.getByRole('button', { name: 'Save rules' }));
    await page.getByText('The rules are saved').waitFor();
    await page.getByText(`car in ${NAME}`).waitFor();
    const [rule] = ((await stream()).rules as Rules).rules;
    expect(rule).toMatchObject({ name: RULE, when: { object: ['car'], in: [NAME] } });
    const met = events.locator('.event-list li').filter({ hasText: RULE });
    await met.getByText('going on').first().waitFor({ timeout: LONG });
  });

  it.each(['light', 'dark'] as const)('keeps nobody out: %s', async (colorScheme) => {
    await using browsing = await open('/live', { colorScheme });
    const { page } = browsing;
    const at = (what: string) => expectAccessible(page, `${colorScheme} ${what}`);
    await page.getByRole('link', { name: `Open ${NAME}` }).waitFor();
    await at('cameras');
    await page.getByRole('button', { name: 'Wall' }).click();
    await page.locator('.wall').waitFor();
    await at('wall');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add camera' }).click();
    await at('a new camera');
    await page.goto(`/live/${id}`);
    await page.getByRole('region', { name: 'Seen now' }).locator('li').first().waitFor({ timeout: LONG });
    await at('camera');
    await page.getByRole('button', { name: 'Rules' }).click();
    await page.getByRole('button', { name: `Change ${RULE}` }).waitFor();
    await at('rules');
    await page.getByRole('button', { name: `Change ${RULE}` }).click();
    for (const folded of await page.locator('.rules-tab summary').all()) await folded.click();
    await page.getByRole('button', { name: 'Add a time' }).click();
    await at('the form of a rule');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'YAML' }).click();
    await at('rules as text');
  });

  it('is removed in another tab, and says so', async () => {
    await using browsing = await open(`/live/${id}`);
    // The player may ask for what comes next just before it is told.
    browsing.expect(/status of 404 .*\/hls\//);
    const other = await browsing.tab(`/live/${id}`);
    await press(other, other.getByRole('button', { name: 'More' }));
    await press(other, other.getByRole('button', { name: 'Remove camera' }));
    await press(other, other.getByRole('dialog').getByRole('button', { name: 'Remove camera' }));
    await other.getByText('No cameras yet').waitFor();
    const { page } = browsing;
    await page.getByText('This camera has been removed').waitFor();
    await press(page, page.getByRole('link', { name: 'To all cameras' }));
    await page.getByText('No cameras yet').waitFor();
  });
});

/** Waits until something is another than it was, and gives it. */
async function moved<T>(what: () => Promise<T>, before?: T): Promise<T> {
  for (const end = Date.now() + LONG; Date.now() < end; await new Promise((done) => setTimeout(done, 200))) {
    const now = await what();
    if (now && now !== before) return now;
  }
  throw new Error(`remained as it was: ${before}`);
}

/** A number for what an image shows at this moment. */
function numberIn(image: Element): number {
  const canvas = Object.assign(document.createElement('canvas'), { width: 25, height: 12 });
  const context = canvas.getContext('2d')!;
  context.drawImage(image as HTMLImageElement, 0, 0, 25, 12);
  const { data } = context.getImageData(0, 0, 25, 12);
  return data.reduce((sum, value, i) => (sum * 31 + value * (i % 7)) % 1_000_003, 1);
}

const widthOf = (image: Element): number => (image as HTMLImageElement).naturalWidth;
const isFocused = (target: Locator): Promise<boolean> =>
  target.evaluate((element) => element === document.activeElement);

/** Goes to something with the tabulator, as somebody does who has no pointer. */
async function reach(page: Page, target: Locator): Promise<void> {
  await expect.poll(() => target.isEnabled(), { timeout: LONG }).toBe(true);
  for (let tries = 0; tries < 150; tries++) {
    if (await isFocused(target)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`cannot be reached by keys: ${target}`);
}
async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await reach(page, target);
  await page.keyboard.press(key);
}
async function type(page: Page, target: Locator, text: string): Promise<void> {
  await reach(page, target);
  await page.keyboard.type(text);
}
