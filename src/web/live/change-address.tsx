import type { Stream } from '../api/client.ts';
export function ChangeAddress(_: {
  readonly stream: Stream;
  readonly onStream: (stream: Stream) => void;
  readonly onClose: () => void;
}) {
  return null;
}
