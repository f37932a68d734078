import { policyOf } from '../../src/pipeline/live/open.ts';
import type { StreamDescription } from '../../src/streams/description.ts';
import { paintingOf } from '../painting.ts';
import type { HoldDeps } from './hold.ts';

/** What a stream's description asks of the line that its pictures go. */

export const addressOf = ({ url, transport, track, output }: StreamDescription) => ({
  ...{ url, transport, track },
  audio: output.audio,
});

export function requestOf(description: StreamDescription, { live }: HoldDeps['config'], folder: string) {
  const { output } = description;
  const { encoder, style, paintSide } = paintingOf(output);
  return {
    address: addressOf(description),
    watch: { firstFrame: live.first_frame_seconds * 1000, stall: live.stall_seconds * 1000 },
    policy: policyOf(description.policy),
    between: description.between,
    shortSide: description.short_side ?? undefined,
    encoder: { ...encoder, keySeconds: live.hls_seconds },
    style,
    paintSide,
    backlog: live.backlog_seconds * 1000,
    outputs: {
      hls: output.hls ? { folder, seconds: live.hls_seconds, segments: live.hls_segments } : undefined,
      rtsp: output.rtsp ?? undefined,
    },
  };
}
