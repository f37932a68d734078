import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, it } from 'vitest';
import type { Card } from '../../../../src/clips/recording/card.ts';
import { createSegments } from '../../../../src/clips/recording/segments.ts';
import { openDatabase } from '../../../../src/jobs/database.ts';

/** What there is of each stream, which is kept with every change: it must always be what adding up would give. */

function card(stream: string, begin: number, bytes: number): Card {
  const video = { frames: 5, bytes, codec: 'h264', width: 2, height: 2, audio: false };
  return {
    ...{
      version: 1,
      stream,
      token: 1,
      begin,
      end: begin + 5,
      video: bytes > 0 ? video : null,
      analysis: null,
    },
    ...{ names: [], runs: null, missing: [], events: [] },
  };
}

it('is the sum of what there is, whatever is added and removed', () => {
  const db = openDatabase(':memory:');
  const segments = createSegments(db);
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const keys: string[] = [];
  for (let i = 0; i < 400; i++) {
    if (random(4) === 0) segments.remove([keys[random(keys.length || 1)] ?? 'nothing']);
    else {
      const key = `recordings/${i % 3}/h/${random(150)}-1.json`;
      keys.push(key);
      segments.add(key, card(`s${i % 3}`, i, random(3) * 100), 7);
    }
    const summed = db
      .prepare(
        'SELECT stream, SUM(frames > 0) AS segments, SUM(bytes) AS bytes FROM segments GROUP BY stream',
      )
      .all();
    expect(segments.totals().filter(({ bytes }) => bytes > 0)).toEqual(summed);
  }
  expect(segments.bytes()).toBe(segments.totals().reduce((sum, { bytes }) => sum + bytes, 0));
  expect(segments.bytes('s1')).toBe(segments.totals()[1]?.bytes);
  expect(segments.bytes('nobody')).toBe(0);
});

it('is known of recordings that were there before it was kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sidestream-totals-'));
  try {
    const path = join(folder, 'old.sqlite');
    // A file as older versions left it.
    openDatabase(path).close();
    const old = new Database(path);
    old.exec('DROP TRIGGER segment_added; DROP TRIGGER segment_removed; DROP TABLE recorded');
    // And what came after.
    old.exec('DROP TABLE sessions');
    old.exec('PRAGMA user_version = 4');
    const add =
      'INSERT INTO segments (key, stream, begin, end, token, frames, bytes) VALUES (?, ?, 1, 2, 1, ?, ?)';
    for (const [i, frames] of [5, 0, 6].entries()) old.prepare(add).run(`key${i}`, 'gate', frames, 10);
    old.close();
    const db = openDatabase(path);
    const segments = createSegments(db);
    expect(segments.totals()).toEqual([{ stream: 'gate', segments: 2, bytes: 30 }]);
    segments.remove(['key0']);
    expect(segments.totals()).toEqual([{ stream: 'gate', segments: 1, bytes: 20 }]);
    db.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
