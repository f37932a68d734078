import { describe, expect, it } from 'vitest';
import { findingsOf } from '../../../src/media/live/camera-findings.ts';
import type { CameraFacts, VideoTrack } from '../../../src/media/live/examine.ts';

const track = (about: Partial<VideoTrack> = {}): VideoTrack => ({
  codec: 'h264',
  profile: 'Main',
  width: 1280,
  height: 720,
  fps: 25,
  ...about,
});
const good: CameraFacts = {
  tracks: [track()],
  sound: { codec: 'aac', rate: 48_000, channels: 2 },
  first: 900,
  measured: {
    frames: 100,
    fps: 25.02,
    keySeconds: 2,
    seconds: 4,
    delay: 0,
    jitter: 12,
    bitRate: 2_100_000,
    jumps: 0,
  },
  picture: Buffer.from('jpeg'),
};
const address = { url: 'rtsp://camera', transport: 'tcp', track: 0, audio: true } as const;
const odd = (facts: CameraFacts, at = address as Parameters<typeof findingsOf>[1]) =>
  findingsOf(facts, at).filter(({ ok }) => !ok);
const measured = (about: Partial<CameraFacts['measured']>): CameraFacts => ({
  ...good,
  measured: { ...good.measured, ...about },
});

it('finds nothing odd in a good camera', () => {
  expect(odd(good)).toEqual([]);
  const details = new Map(findingsOf(good, address).map(({ name, detail }) => [name, detail]));
  expect(Object.fromEntries(details)).toEqual({
    picture: 'h264 (Main), 1280×720',
    'first picture': 'after 0.9 s',
    'frame rate': '25.0 a second',
    'key frames': 'every 2.0 s',
    order: 'as shown',
    arrivals: 'up to 12 ms late',
    'bit rate': '2.10 Mbit/s',
    clock: 'steady',
    sound: 'aac, 48000 Hz, 2 channels, passed on as it is',
  });
});

describe('says what is odd, and what to do', () => {
  it.each([
    ['picture', { ...good, tracks: [track({ width: 3840, height: 2160 })] }, /smaller stream/],
    ['first picture', { ...good, first: 6000 }, /6\.0 s: each connection/],
    ['frame rate', { ...good, tracks: [track({ fps: 50 })] }, /it says 50\.0/],
    ['key frames', measured({ keySeconds: 8 }), /every 8\.0 s: .* set the interval/],
    ['key frames', measured({ keySeconds: undefined, seconds: 9 }), /fewer than two in 9 s/],
    ['order', measured({ delay: 2 }), /B-frames: up to 2 .* adds latency/],
    ['arrivals', measured({ jitter: 350 }), /350 ms late: the network/],
    ['clock', measured({ jumps: 2 }), /jumped 2 times: .*\(NTP\)/],
  ] as const)('%s', (name, facts, detail) => {
    expect(odd(facts)).toEqual([{ name, ok: false, detail: expect.stringMatching(detail) }]);
  });

  it('of several tracks names the small one', () => {
    const tracks = [track(), track({ width: 640, height: 360 })];
    const [found] = odd({ ...good, tracks });
    expect(found.detail).toBe(
      '0: h264 (Main), 1280×720; 1: h264 (Main), 640×360: --track 1 is the least work',
    );
    expect(odd({ ...good, tracks }, { ...address, track: 1 })).toEqual([]);
  });

  it('of sound that MP4 does not take', () => {
    const findings = findingsOf({ ...good, sound: { codec: 'pcm_alaw', rate: 8000, channels: 1 } }, address);
    expect(findings.find(({ name }) => name === 'sound')?.detail).toBe(
      'pcm_alaw, 8000 Hz, mono, made AAC for HLS and recordings',
    );
    expect(findingsOf({ ...good, sound: undefined }, address)).toContainEqual({
      name: 'sound',
      ok: true,
      detail: 'none',
    });
  });

  it('where it did not say what it sends', () => {
    expect(odd({ ...good, tracks: [] })).toEqual([]);
  });
});
