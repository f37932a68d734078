import type { SidestreamError } from '../core/errors.ts';
import { reportOnCamera } from '../media/live/camera-findings.ts';
import type { FfmpegPaths } from '../media/process.ts';
import type { CameraAddress } from '../media/rtsp/source.ts';
import type { Finding } from './doctor.ts';

/** `sidestream doctor --rtsp`: a camera in plain words. */

export interface CameraFindings {
  readonly findings: readonly Finding[];
  /** Why no pictures come. */
  readonly error: SidestreamError | undefined;
}

export async function findCamera(
  address: CameraAddress,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<CameraFindings> {
  const { findings, error } = await reportOnCamera(address, { paths }, signal);
  const needed = error && { needed: error.code };
  return { findings: findings.map((finding) => ({ ...finding, ...needed })), error };
}
