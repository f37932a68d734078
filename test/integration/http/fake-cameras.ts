import type { SidestreamError } from '../../../src/core/errors.ts';
import type { CameraRequest, Cameras, CameraView } from '../../../src/streams/cameras.ts';

/** Cameras in memory, with what a test wants to see of how they were asked about. */
export interface FakeCameras extends Cameras {
  readonly asked: {
    readonly request: CameraRequest;
    readonly submitter: string;
    readonly signal: AbortSignal;
  }[];
  view: CameraView;
  /** Waited for before the answer. */
  before: (signal: AbortSignal) => Promise<void>;
  /** Thrown by the next calls. */
  fail: SidestreamError | undefined;
}

export function fakeCameras(): FakeCameras {
  const fake: FakeCameras = {
    asked: [],
    view: {
      ok: true,
      error: undefined,
      checks: [{ name: 'camera', ok: true, detail: 'rtsp://camera/1 sends pictures' }],
      video: {
        ...{ codec: 'h264', profile: 'Main', width: 1280, height: 720, fps: 25, says_fps: 25 },
        ...{ key_seconds: 2, bit_rate: 2_000_000, reordered: 0 },
      },
      audio: { codec: 'aac', rate: 48_000, channels: 2 },
      tracks: [{ codec: 'h264', width: 1280, height: 720 }],
      first_picture: 0.9,
      picture: 'data:image/jpeg;base64,/9j/',
    },
    before: async () => {},
    fail: undefined,
    async test(request, { id: submitter }, signal) {
      fake.asked.push({ request, submitter, signal });
      await fake.before(signal);
      if (fake.fail) throw fake.fail;
      return fake.view;
    },
  };
  return fake;
}
