import { redact } from './redact.ts';

/** Addresses of cameras: what they begin with, and how they are shown. */

export const CAMERA_SCHEMES: readonly string[] = [
  ...['rtsp', 'rtsps', 'rtmp', 'rtmps', 'srt', 'udp', 'http', 'https'],
];

/** What cameras and protocols call passwords, in queries and in paths (`/user=admin_password=…_channel=1`). */
const SECRETS = /((?:pass|password|passwd|passphrase|pwd|psw|secret|token|key|auth|streamid)=)[^&\s"'_/]+/gi;

/** Text about a camera, or its address, without what is secret in it. */
export const redactCamera = (text: string): string => redact(text).replace(SECRETS, '$1***');
