/** Pictures of moments of a recording, one after the other: while one moves on, only the newest is waited for. */
export interface Stills {
  /** The one that is on its way is let go where its moment is another one. */
  want(address: string): void;
  forget(): void;
}

/** `shown`: is told of each picture that came, as long as nobody forgot about it. */
export function createStills(shown: (address: string) => void): Stills {
  let wanted: string | undefined;
  let coming: string | undefined;

  async function fetchWanted(): Promise<void> {
    while (wanted !== undefined && wanted !== coming) {
      const address = wanted;
      coming = address;
      const image = new Image();
      image.src = address;
      // A moment that has no picture keeps the one before.
      const came = await image.decode().then(
        () => true,
        () => false,
      );
      if (came && wanted !== undefined) shown(address);
      if (wanted === address) wanted = undefined;
      coming = undefined;
    }
  }

  return {
    want(address) {
      wanted = address;
      if (coming === undefined) void fetchWanted();
    },
    forget() {
      wanted = undefined;
    },
  };
}
