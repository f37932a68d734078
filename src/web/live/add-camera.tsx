import type { Stream } from '../api/client.ts';
export function AddCamera(_: { readonly onAdded: (stream: Stream) => void; readonly onClose: () => void }) {
  return null;
}
