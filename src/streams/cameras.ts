import { z } from 'zod';
import type { ErrorCode } from '../core/errors.ts';
import { streamRequestSchema } from './request.ts';

/** Cameras that are looked at once, before a stream is made of one. */

const { url, transport, track } = streamRequestSchema.shape;
export const cameraRequestSchema = z.strictObject({ url, transport, track });
export type CameraRequest = z.infer<typeof cameraRequestSchema>;

/** What a worker is asked, with all that is secret in the address: it lies in the storage and nowhere else. */
export const cameraQuestionSchema = z.strictObject({
  url: z.string(),
  transport: transport.unwrap(),
  track: track.unwrap(),
});
export type CameraQuestion = z.infer<typeof cameraQuestionSchema>;

export interface CameraView {
  /** True where pictures come. */
  readonly ok: boolean;
  /** Why none come. */
  readonly error: { readonly code: ErrorCode; readonly message: string } | undefined;
  /** In plain words: what there is, and where it is not as it should be, what to do. */
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
  readonly video:
    | {
        /** As ffmpeg calls it. */
        readonly codec: string;
        readonly profile: string | undefined;
        readonly width: number;
        readonly height: number;
        /** Frames a second, as they came; and as the camera says. */
        readonly fps: number;
        readonly says_fps: number | undefined;
        /** Seconds from one key frame to the next, at most; undefined where fewer than two came. */
        readonly key_seconds: number | undefined;
        /** Bits a second. */
        readonly bit_rate: number;
        /** Frames by which pictures come out of order. */
        readonly reordered: number;
      }
    | undefined;
  readonly audio: { readonly codec: string; readonly rate: number; readonly channels: number } | undefined;
  /** All of its video tracks: `track` chooses one, from 0. */
  readonly tracks: readonly {
    readonly codec: string;
    readonly width: number;
    readonly height: number;
  }[];
  /** Seconds from asking to the first picture. */
  readonly first_picture: number | undefined;
  /** A JPEG, as `data:image/jpeg;base64,…`. */
  readonly picture: string | undefined;
}

export interface Cameras {
  /**
   * Has a worker look at a camera for some seconds. That no pictures come is an answer, too. Throws USAGE, ADDRESS_REFUSED,
   * INPUT_NOT_FOUND, INPUT_UNREADABLE, NO_WORKER, REDIS_UNREACHABLE, STORAGE_UNREACHABLE.
   */
  test(request: CameraRequest, submitter: { readonly id: string }, signal: AbortSignal): Promise<CameraView>;
}
