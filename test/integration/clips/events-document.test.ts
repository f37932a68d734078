import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { mqttPayloadOf, webhookBodyOf } from '../../../src/clips/events/body.ts';
import { discoveryOf, slugOf } from '../../../src/clips/events/topics.ts';
import { opened } from '../../../src/clips/rules/event.ts';
import { createGuard } from '../../../src/net/address-guard.ts';
import { deliver } from '../../../src/net/webhook.ts';
import { freePort } from '../../fixtures/redis.ts';
import { until } from '../../unit/clips/events/broker.ts';
import { messagesOf, openRecords } from '../../unit/clips/events/reports.ts';

const file = join(import.meta.dirname, '../../../docs/events.md');
let document: string;
const blocks = (language: string) =>
  [...document.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text);
const examples = () => blocks('json').map((text) => JSON.parse(text));

beforeAll(async () => {
  document = await readFile(file, 'utf8');
});

/** What the document tells of. */
function story() {
  const at = (seconds: number) => Date.parse('2025-11-26T16:00:00Z') / 1000 + seconds;
  const { records } = openRecords({ mqtt: true, now: () => Date.parse('2025-11-26T16:00:03.200Z') });
  const box: [number, number, number, number] = [0.25, 0.3, 0.5, 0.9];
  const best = { seconds: at(2), track: 17, score: 0.8, share: 0.1, box };
  const seen = { at: at(3), began: at(0), tracks: [17], names: ['person'], best: { ...best, quality: 1 } };
  const { id } = opened('k3v9qd2m', 'loitering', at(0), at(3), seen);
  const more = { id, rule: 'loitering', began: at(0) };
  const said = { stream: 'k3v9qd2m', token: 1 };
  records.take([
    {
      ...said,
      event: {
        ...{ ...more, type: 'open', seconds: at(3), tracks: [17], names: ['person'] },
        best,
      },
    },
  ]);
  const [first] = records.deliveries.due('mqtt', Date.now(), 1);
  records.take([
    {
      ...said,
      event: {
        ...{
          ...more,
          type: 'close',
          seconds: at(43.5),
          ended: at(42.5),
          tracks: [17, 23],
          names: ['person', 'dog'],
        },
        best: { seconds: at(20), track: 17, score: 0.91, share: 0.12, box },
      },
    },
  ]);
  return { first, messages: messagesOf(records) };
}

describe('the document', () => {
  it('shows events and messages as they are', () => {
    const { first, messages } = story();
    const [event, webhook, mqtt, discovery, ...others] = examples();
    expect(event).toEqual(messages[1].data);
    expect(webhook).toEqual(JSON.parse(webhookBodyOf(first)));
    expect(mqtt).toEqual(JSON.parse(mqttPayloadOf(first)));
    expect(document).toContain(`\`webhook-id\` (here \`${mqtt.id}\`)`);
    const stream = { stream: 'k3v9qd2m', name: 'Front gate' };
    const settings = { prefix: 'sidestream', discovery: 'homeassistant', version: '0.1.0' };
    const { topic, payload } = discoveryOf(stream, 'loitering', settings);
    expect([discovery, document.includes(`\`${topic}\``)]).toEqual([JSON.parse(payload), true]);
    expect(others).toEqual([]);
    expect(document).toContain(`\`Dog at door\` is\n\`${slugOf('Dog at door')}\``);
    for (const one of messages) expect(document).toContain(`| \`${one.event}\` |`);
    const [text] = blocks('text');
    const [, kind, data] = /^id: \d+\nevent: (.*)\ndata: (.*)…\}\n$/.exec(text) ?? [];
    expect([kind, data]).toEqual([messages[0].event, JSON.stringify(messages[0].data).slice(0, data.length)]);
  });

  it('has automations that are YAML, of topics and sensors as they are', () => {
    const [{ automation }] = blocks('yaml').map((text) => parse(text));
    const [[{ entity_id }], [{ topic }]] = automation.map(({ triggers }: { triggers: object[] }) => triggers);
    expect([entity_id, topic]).toEqual([
      'binary_sensor.front_gate_loitering',
      'sidestream/k3v9qd2m/loitering/event',
    ]);
  });

  it('has a receiver that takes what is genuine, and nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sidestream-receiver-'));
    const secret = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
    const script = join(folder, 'receiver.mjs');
    await writeFile(script, blocks('js')[0]);
    const port = await freePort();
    const receiver = spawn(process.execPath, [script], {
      env: { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = once(receiver, 'exit');
    try {
      let said = '';
      receiver.stdout.on('data', (text) => {
        said += text;
      });
      const answers = () =>
        new Promise<boolean>((resolve) => {
          const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
          socket.on('connect', () => socket.destroy());
        });
      while (!(await answers())) expect(receiver.exitCode).toBeNull();
      const { first } = story();
      const message = {
        ...{ url: `http://127.0.0.1:${port}/`, id: 'e-1', body: webhookBodyOf(first), secret },
        timeoutMs: 5000,
      };
      const post = (more: object = {}) =>
        deliver({ ...message, ...more }, createGuard({ allow: ['127.0.0.1'] }), AbortSignal.timeout(10_000));
      expect(await post()).toMatchObject({ outcome: 'delivered' });
      expect(await post()).toMatchObject({ outcome: 'delivered' });
      await expect(post({ secret: Buffer.alloc(24, 8).toString('base64') })).rejects.toThrow('401');
      await until(() => said !== '');
      expect(said).toBe('e-1 event.opened\n');
    } finally {
      receiver.kill();
      await gone;
      await rm(folder, { recursive: true });
    }
  });
});
