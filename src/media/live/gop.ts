/** Packets from the last key frame on: with them whoever comes late can begin at once. */
export interface Gop<P> {
  push(packet: P): void;
  /** Empty where a key frame is waited for. */
  readonly packets: readonly P[];
  clear(): void;
}

/** `mostBytes`: beyond, nothing is kept until the next key frame. */
export function createGop<P extends { readonly key: boolean; readonly data: Uint8Array }>(
  mostBytes: number,
): Gop<P> {
  let packets: P[] = [];
  let bytes = 0;
  const clear = () => {
    packets = [];
    bytes = 0;
  };
  return {
    push(packet) {
      if (packet.key) clear();
      else if (packets.length === 0) return;
      packets.push(packet);
      bytes += packet.data.length;
      if (bytes > mostBytes) clear();
    },
    get packets() {
      return packets;
    },
    clear,
  };
}
