import { redactCamera } from '../src/core/camera-address.ts';
import { asSidestreamError, SidestreamError } from '../src/core/errors.ts';
import { type CameraReport, reportOnCamera } from '../src/media/live/camera-findings.ts';
import { createGuard } from '../src/net/address-guard.ts';
import { giveAnswer } from '../src/queue/asking.ts';
import type { Payload } from '../src/queue/queues.ts';
import { judgeCamera, schemeOf } from '../src/streams/address.ts';
import { type CameraQuestion, type CameraView, cameraQuestionSchema } from '../src/streams/cameras.ts';
import type { WorkerDeps } from './deps.ts';

/** Work on `cameras`: one look at a camera, while somebody waits for what there is to say of it. */

/** Milliseconds: all of it in a quarter of a minute. */
const LIMITS = { describe: 5000, first: 6000, look: 2500, longest: 5000 };
const LONGEST = 20_000;

export async function cameraWork(
  { key }: Payload<'cameras'>,
  { storage, config }: Pick<WorkerDeps, 'storage' | 'config'>,
  signal: AbortSignal,
): Promise<void> {
  await giveAnswer('cameras', key, storage, signal, async (asked, stop): Promise<CameraView> => {
    const question = cameraQuestionSchema.parse(asked);
    try {
      if (schemeOf(question.url) !== undefined)
        await judgeCamera(question.url, createGuard({ allow: config.live.allow_addresses }));
      const address = { ...question, audio: true };
      const about = { paths: config.ffmpeg, limits: LIMITS };
      const late = AbortSignal.timeout(LONGEST);
      const report = await reportOnCamera(address, about, AbortSignal.any([stop, late])).catch((error) => {
        throw late.aborted ? tooLate(question) : error;
      });
      return viewOf(report, question);
    } catch (thrown) {
      // Redis and the log must not have what is secret in an address.
      const { code, message } = asSidestreamError(thrown);
      throw new SidestreamError(code, redactCamera(message));
    }
  });
}

const tooLate = ({ url }: CameraQuestion) =>
  new SidestreamError('CAMERA_SILENT', `${redactCamera(url)} was not done in ${LONGEST / 1000} s`);

function viewOf({ findings, facts, error }: CameraReport, { track }: CameraQuestion): CameraView {
  const plain = (text: string) => redactCamera(text).replaceAll(/--(track|transport) /g, '$1 ');
  const chosen = facts?.tracks.at(track);
  const measured = facts?.measured;
  return {
    ok: error === undefined,
    error: error && { code: error.code, message: plain(error.message) },
    checks: findings.map(({ name, ok, detail }) => ({ name, ok, detail: plain(detail) })),
    video: chosen &&
      measured && {
        ...{ codec: chosen.codec, profile: chosen.profile, width: chosen.width, height: chosen.height },
        fps: Math.round(measured.fps * 10) / 10,
        says_fps: chosen.fps,
        key_seconds: measured.keySeconds,
        bit_rate: Math.round(measured.bitRate),
        reordered: measured.delay,
      },
    audio: facts?.sound,
    tracks: (facts?.tracks ?? []).map(({ codec, width, height }) => ({ codec, width, height })),
    first_picture: facts && facts.first / 1000,
    picture: facts && `data:image/jpeg;base64,${Buffer.from(facts.picture).toString('base64')}`,
  };
}
