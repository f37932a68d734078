import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { Installation } from '../../bench/installation.ts';
import type { Found } from '../../src/clips/clips.ts';
import { decodeCounts } from '../../src/core/mask.ts';
import type { JobView } from '../../src/jobs/jobs.ts';
import { browse, onPage, openInstallation } from './harness.ts';

const WORDS = 'sky, building, road, pavement, tree, traffic sign, fence, car, pedestrian';
/** The tests read what is drawn; the page never does. */
const READ_BACK = /Canvas2D: Multiple readback operations/;
const VIDEO = 'test/fixtures/toytown/drive.mp4';

interface Masks {
  readonly videos: readonly {
    readonly width: number;
    readonly height: number;
    readonly pts_s: readonly number[];
  }[];
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  readonly annotations: readonly {
    readonly category_id: number;
    readonly track_id: number;
    readonly segmentations: readonly ({ readonly size: [number, number]; readonly counts: string } | null)[];
  }[];
}

onPage('a result', () => {
  let site: Installation;
  let job: JobView;
  let masks: Masks;
  let at: (frame: number, x: number, y: number) => { name: string; track: number } | undefined;

  beforeAll(async () => {
    site = await openInstallation();
    const body = {
      ...{ input: { path: `${process.cwd()}/${VIDEO}` }, vocabulary: WORDS },
      metadata: { name: 'drive <b>&amp;</b>.mp4' },
    };
    const { id } = await site.ask<JobView>('POST', '/v1/jobs', body);
    job = await site.ended(id);
    expect(job.state).toBe('done');
    masks = await site.ask<Masks>('GET', `/v1/jobs/${id}/masks`);
    at = reading(masks);
  }, 120_000);

  /** Shows a frame, and tells which one it is by the page's own words. */
  async function show(page: Page, seconds: number): Promise<number> {
    await page.evaluate(
      (time) =>
        new Promise<void>((resolve) => {
          const video = document.querySelector('video') as HTMLVideoElement;
          video.pause();
          video.requestVideoFrameCallback(() => requestAnimationFrame(() => resolve()));
          video.currentTime = time;
        }),
      seconds,
    );
    const words = await page.locator('.controls .frame').textContent();
    return Number(/\d+/.exec(words ?? '')?.[0]);
  }

  async function openPlayer(page: Page): Promise<void> {
    await page.locator('.seen li').first().waitFor();
    await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 2);
  }

  it('has under the pointer what the masks have, at any point of any frame', async () => {
    await using browsing = await browse(site, `/jobs/${job.id}`);
    const { page } = browsing;
    browsing.expect(READ_BACK);
    await openPlayer(page);
    const [video] = masks.videos;
    if (!video) throw new Error('masks of no video');
    const stage = await page.locator('.stage').boundingBox();
    if (!stage) throw new Error('no stage');
    const random = numbers(7);
    let named = 0;
    for (let trial = 0; trial < 20; trial++) {
      const index = Math.floor(random() * video.pts_s.length);
      const [from = 0, to = from + 0.04] = [video.pts_s[index], video.pts_s[index + 1]];
      const [x, y] = [Math.floor(random() * video.width), Math.floor(random() * video.height)];
      expect(await show(page, (from + to) / 2)).toBe(index);
      // To another place first: the pointer has to move to be heard.
      await page.mouse.move(stage.x + 2, stage.y + 2);
      await page.mouse.move(
        stage.x + ((x + 0.5) / video.width) * stage.width,
        stage.y + ((y + 0.5) / video.height) * stage.height,
      );
      const wanted = at(index, x, y);
      const told = page.locator('.pointed');
      const seen = {
        name: await told.locator('strong').textContent(),
        track: await told.getAttribute('data-track'),
      };
      const where = `frame ${index}, ${x}, ${y}`;
      if (wanted === undefined)
        expect([where, seen.name]).toEqual([where, expect.stringMatching(/^something else/)]);
      else {
        named++;
        expect([where, seen.name?.split(' ')[0], seen.track]).toEqual([
          where,
          wanted.name.split(' ')[0],
          String(wanted.track),
        ]);
      }
      // And what is drawn there is there: a colour where a name is, none elsewhere.
      const alpha = await page.evaluate(
        ([left, top]) => {
          const canvas = document.querySelector('canvas.names') as HTMLCanvasElement;
          return canvas.getContext('2d')?.getImageData(left, top, 1, 1).data[3];
        },
        [x, y] as const,
      );
      expect([where, (alpha ?? 0) > 0]).toEqual([where, wanted !== undefined]);
    }
    expect(named).toBeGreaterThan(10);
  });

  it('tells a car from a road, and draws neither where it is switched off', async () => {
    await using browsing = await browse(site, `/jobs/${job.id}?t=2`);
    const { page } = browsing;
    browsing.expect(READ_BACK);
    await openPlayer(page);
    const place = placeOf(masks, 'car');
    const index = await show(page, masks.videos[0]?.pts_s[place.frame] ?? 0);
    expect(Math.abs(index - place.frame)).toBeLessThanOrEqual(1);
    const frame = masks.videos[0]?.pts_s[place.frame] ?? 0;
    await show(page, frame + 0.01);
    const stage = await page.locator('.stage').boundingBox();
    if (!stage) throw new Error('no stage');
    await page.mouse.move(
      stage.x + ((place.x + 0.5) / (masks.videos[0]?.width ?? 1)) * stage.width,
      stage.y + ((place.y + 0.5) / (masks.videos[0]?.height ?? 1)) * stage.height,
    );
    await page.locator('.pointed strong', { hasText: 'car' }).waitFor();
    expect(await page.locator('.pointed').textContent()).toMatch(/% suresince \d+:\d\d/);
    const drawn = () =>
      page.evaluate(
        ([x, y]) => {
          const canvas = document.querySelector('canvas.names') as HTMLCanvasElement;
          return [...(canvas.getContext('2d')?.getImageData(x, y, 1, 1).data ?? [])];
        },
        [place.x, place.y] as const,
      );
    expect((await drawn())[3]).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'car', exact: true }).click();
    expect(await drawn()).toEqual([0, 0, 0, 0]);
    await page.getByRole('button', { name: 'car', exact: true }).click();
    // Another colour at once.
    await page.getByLabel('Colour of car').fill('#ff00ff');
    await page.mouse.move(stage.x + 1, stage.y + 1);
    const [r, g, b] = await drawn();
    expect([(r ?? 0) > 200, (g ?? 0) < 120, (b ?? 0) > 200]).toEqual([true, true, true]);
  });

  it('is played, compared and gone through by keys alone', async () => {
    await using browsing = await browse(site, `/jobs/${job.id}`);
    const { page } = browsing;
    await openPlayer(page);
    const time = () => page.evaluate(() => document.querySelector('video')?.currentTime ?? -1);
    await page.locator('.stage').focus();
    await page.keyboard.press('End');
    await expect.poll(time).toBeGreaterThan(3);
    await page.keyboard.press('0');
    await expect.poll(time).toBe(0);
    await page.keyboard.press('.');
    await page.locator('.controls .frame', { hasText: 'frame 1' }).waitFor();
    await page.keyboard.press('.');
    await page.locator('.controls .frame', { hasText: 'frame 2' }).waitFor();
    await page.keyboard.press(',');
    await page.locator('.controls .frame', { hasText: 'frame 1' }).waitFor();
    await page.keyboard.press('k');
    await expect.poll(time).toBeGreaterThan(0.3);
    await page.keyboard.press('k');
    // The crosshair tells what is there, without a pointer.
    await page.keyboard.press('i');
    for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowUp');
    await page.locator('.pointed strong', { hasText: 'sky' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.locator('.pointed').count()).toBe(0);
    await page.keyboard.press('c');
    const divider = page.getByRole('slider', { name: /^Original on the left/ });
    await divider.focus();
    await page.keyboard.press('ArrowLeft');
    expect(await divider.getAttribute('aria-valuenow')).toBe('48');
    await page.locator('.stage').focus();
    await page.keyboard.press('Shift+?');
    await page.getByRole('dialog', { name: 'Keys (?)' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('gets new words in seconds, without the model, and is downloaded whole', async () => {
    await using browsing = await browse(site, `/jobs/${job.id}?t=1.00`);
    const { page } = browsing;
    await openPlayer(page);
    await page.getByRole('button', { name: 'New words' }).click();
    const words = page.getByRole('combobox', { name: 'Words' });
    for (let i = 0; i < WORDS.split(',').length; i++)
      await page
        .getByRole('button', { name: /^Remove / })
        .first()
        .click();
    await words.fill('vehicle, street,');
    await page.getByRole('button', { name: 'Name it anew' }).click();
    await page.waitForURL((url) => url.pathname !== `/jobs/${job.id}`);
    await page.getByRole('button', { name: 'vehicle', exact: true }).waitFor({ timeout: 60_000 });
    expect(new URL(page.url()).searchParams.get('t')).toBe('1.00');
    const id = new URL(page.url()).pathname.split('/').at(-1);
    expect(await site.ask<JobView>('GET', `/v1/jobs/${id}`)).toMatchObject({ kind: 'label', of: job.id });

    await page.getByRole('button', { name: 'Download' }).click();
    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Video as it came' }).click();
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(hash(await readFile(await (await coming).path()))).toBe(hash(await readFile(VIDEO)));
  });

  it('is found by a word, and opens at a frame where that is seen', async () => {
    await using browsing = await browse(site, '/ask');
    const { page } = browsing;
    const ask = async (words: string) => {
      await page.getByRole('combobox', { name: 'What are you looking for?' }).fill(words);
      await page.keyboard.press('Enter');
    };
    await ask('elephant');
    await page.getByRole('heading', { name: '“elephant” was not found' }).waitFor();

    // It is in the index a moment after it is done.
    const search = async () =>
      (await site.ask<{ found: Found[] }>('GET', '/v1/search?q=fence&limit=24')).found;
    const ours = async () => (await search()).find((one) => one.job === job.id);
    await expect.poll(ours, { timeout: 30_000 }).toBeDefined();
    const [found, best] = [await search(), (await ours()) as Found];
    await ask('fence');
    const card = page.getByRole('article').filter({ hasText: 'drive <b>&amp;</b>.mp4' }).first();
    await card.waitFor();
    expect(await page.getByRole('article').count()).toBe(found.length);
    await card.getByText(best.score.toFixed(2)).waitFor();
    // It shows the moment, and not any picture of the video.
    await page.waitForFunction((at) => {
      const video = document.querySelector<HTMLVideoElement>('.found-card video');
      return video && video.readyState >= 2 && !video.seeking && Math.abs(video.currentTime - at) < 0.03;
    }, Number(best.at));
    await card.getByRole('link', { name: /^Play / }).click();
    await page.waitForURL((url) => url.pathname === `/jobs/${job.id}`);
    await openPlayer(page);
    const frame = page.locator('.controls .frame', { hasText: /\d/ });
    await frame.waitFor();
    // Until it has come to where it begins.
    await page.waitForFunction((at) => {
      const video = document.querySelector('video') as HTMLVideoElement;
      return !video.seeking && Math.abs(video.currentTime - at) < 0.03;
    }, Number(best.at));
    const pts = masks.videos[0]?.pts_s ?? [];
    const shown = async () => Number(/\d+/.exec((await frame.textContent()) ?? '')?.[0]);
    const first = pts.findIndex((second) => second >= Number(best.from) - 0.001);
    await expect.poll(shown).toBeGreaterThanOrEqual(first);
    const index = await shown();
    expect(pts[index]).toBeLessThanOrEqual(Number(best.to) + 0.001);
    // The masks have it in that very frame.
    const fence = masks.categories.find(({ name }) => name === 'fence')?.id;
    const all = masks.annotations.filter(({ category_id }) => category_id === fence);
    expect(all.some(({ segmentations }) => segmentations[index])).toBe(true);
  });

  it('says when another tab has deleted it', async () => {
    const { id } = await site.ask<JobView>('POST', `/v1/jobs/${job.id}/label`, { vocabulary: 'sky' });
    await site.ended(id);
    await using browsing = await browse(site, `/jobs/${id}`);
    await openPlayer(browsing.page);
    const other = await browsing.tab(`/jobs/${id}`);
    await other.getByRole('button', { name: 'More' }).click();
    await other.getByRole('button', { name: 'Delete' }).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await browsing.page.getByText('This job is not there any more').waitFor();
    await browsing.page.getByRole('link', { name: 'To the jobs' }).click();
    await browsing.page.getByRole('heading', { name: 'Jobs' }).waitFor();
  });
});

/** The name and the id of a pixel, by the masks. */
function reading({ annotations, categories }: Masks) {
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  return (frame: number, x: number, y: number) => {
    for (const { category_id, track_id, segmentations } of annotations) {
      const rle = segmentations[frame];
      if (rle && isInside(rle, x, y)) return { name: names.get(category_id) ?? '', track: track_id };
    }
    return undefined;
  };
}

/** COCO's runs go down the columns, and the first is of what is not masked. */
function isInside(
  { size: [height], counts }: { size: [number, number]; counts: string },
  x: number,
  y: number,
) {
  const pixel = x * height + y;
  let [end, inside] = [0, false];
  for (const run of decodeCounts(counts)) {
    end += run;
    if (pixel < end) return inside;
    inside = !inside;
  }
  return false;
}

/** A place well inside the largest mask of a name. */
function placeOf({ annotations, categories }: Masks, name: string): { frame: number; x: number; y: number } {
  const category = categories.find((one) => one.name === name)?.id;
  let best = { frame: 0, x: 0, y: 0, run: 0 };
  for (const { category_id, segmentations } of annotations) {
    if (category_id !== category) continue;
    for (const [frame, rle] of segmentations.entries()) {
      if (!rle) continue;
      const [height] = rle.size;
      let [begin, inside] = [0, false];
      for (const run of decodeCounts(rle.counts)) {
        // The longest run within one column.
        if (
          inside &&
          run > best.run &&
          Math.floor(begin / height) === Math.floor((begin + run - 1) / height)
        ) {
          const middle = begin + Math.floor(run / 2);
          best = { frame, x: Math.floor(middle / height), y: middle % height, run };
        }
        begin += run;
        inside = !inside;
      }
    }
  }
  return best;
}

/** Numbers in [0, 1) that are the same each time (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
