import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { liveCommand } from '../../../src/cli/live.ts';
import { streamsCommand } from '../../../src/cli/streams.ts';
import { LEAVES } from '../../../src/config/schema.ts';
import { frameEvent, type Shown } from '../../../src/pipeline/live/shown.ts';
import { STREAM_STATES } from '../../../src/streams/streams.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const guide = read('docs/live.md');
/** First cells of the table below a heading. */
const cells = (heading: string): string[] =>
  (guide.split(`## ${heading}\n`)[1] ?? '')
    .split('\n## ')[0]
    .split('\n')
    .flatMap((line) => /^\| ([^|]+) \|/.exec(line)?.[1] ?? []);

describe('docs/live.md', () => {
  it('names settings that there are', () => {
    const named = [...guide.matchAll(/`((?:live|jobs)\.[a-z_]+)`/g)].map(([, key]) => key);
    expect(named.length).toBeGreaterThan(5);
    for (const key of named) expect([...LEAVES.keys()]).toContain(key);
  });

  it('has all metrics of streams', () => {
    const named = [...guide.matchAll(/`(sidestream_stream_[a-z_]+)/g)].map(([, name]) => name);
    const there = [...read('src/streams/metrics.ts').matchAll(/'(sidestream_stream_[a-z_]+)'/g)];
    expect(named.sort()).toEqual(there.map(([, name]) => name).sort());
  });

  it('has all states', () => {
    const named = cells('API').filter((cell) => /^`[a-z]+`$/.test(cell));
    expect(named.map((cell) => cell.slice(1, -1))).toEqual([...STREAM_STATES]);
  });

  it('has messages that there are', () => {
    const sources = ['rtsp/reasons', 'rtsp/connection', 'live/examine']
      .map((name) => read(`src/media/${name}.ts`))
      .join('\n');
    const messages = cells('When it does not connect').slice(1);
    expect(messages.length).toBeGreaterThan(10);
    for (const message of messages) {
      for (const part of message.replace(/^sent no picture .*/, 'sent no ').split('…'))
        expect(sources).toContain(part.replace(/^, /, '').trim());
    }
  });

  it('tells events as they are', () => {
    const example = JSON.parse(/^data: (.*)$/m.exec(guide)![1]);
    const shown = {
      ...{ index: 75, wall: 0, latency: 120, masks: { index: 74, wall: 0 }, width: 1, height: 1 },
      sightings: () => [
        { ...{ id: 1, name: 'a', thing: true, score: 1, box: [0, 0, 1, 1], share: 1 }, segment: 0 },
      ],
      rles: () => new Map(),
    } as unknown as Shown;
    const real = frameEvent(shown);
    expect(Object.keys(example)).toEqual(Object.keys(real));
    expect(Object.keys(example.objects[0]).sort()).toEqual(Object.keys(real.objects[0]).sort());
  });

  it('has commands and options that there are', () => {
    const io = {} as Parameters<typeof liveCommand>[0];
    const streams = streamsCommand(io).commands;
    const all = new Set(
      [liveCommand(io), ...streams].flatMap(({ options }) => options.map(({ long }) => long)),
    );
    for (const [, name] of guide.matchAll(/sidestream streams (\w+)/g))
      expect(streams.map((command) => command.name())).toContain(name);
    for (const [option] of guide.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)) expect([...all]).toContain(option);
  });
});
