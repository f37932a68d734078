import type { Stream } from '../api/client.ts';

export function RulesTab(_: { readonly stream: Stream; readonly onStream: (stream: Stream) => void }) {
  return null;
}
