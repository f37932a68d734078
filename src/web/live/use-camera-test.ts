import { useEffect, useRef, useState } from 'preact/hooks';
import { api, asked } from '../api/client.ts';
import type { components } from '../api/schema.d.ts';
import { type CameraAddress, partsOfAddress, wholeAddress } from './camera-address.ts';

export type CameraTest = components['schemas']['CameraTest'];
export type Transport = 'tcp' | 'udp' | 'multicast' | 'http';

/** How a camera is asked. */
export interface Asking extends CameraAddress {
  readonly transport: Transport;
  /** Which of several video tracks, from 0. */
  readonly track: number;
}

export const NEW_CAMERA: Asking = { address: '', user: '', password: '', transport: 'tcp', track: 0 };

/** A look at a camera before it counts. What is found is forgotten as soon as something else is to be asked. */
export function useCameraTest(begun: Asking) {
  const [asking, setAsking] = useState(begun);
  const [result, setResult] = useState<CameraTest>();
  const [error, setError] = useState<unknown>();
  const [testing, setTesting] = useState(false);
  const gone = useRef<AbortController>();
  useEffect(() => () => gone.current?.abort(), []);

  function change(next: Asking): void {
    gone.current?.abort();
    setTesting(false);
    setResult(undefined);
    setError(undefined);
    setAsking(next);
  }

  return {
    asking,
    result,
    error,
    testing,
    change,
    /** An address that was pasted with user and password in it is taken apart. */
    tidy(): void {
      const { address, user, password } = partsOfAddress(asking.address);
      if (user || password) change({ ...asking, address, user, password });
    },
    async test(): Promise<void> {
      gone.current?.abort();
      const mine = new AbortController();
      gone.current = mine;
      setTesting(true);
      setResult(undefined);
      setError(undefined);
      try {
        const { transport, track } = asking;
        const body = { url: addressOf(asking), transport, track };
        const found = await asked(api.POST('/v1/cameras/test', { body, signal: mine.signal }));
        if (!mine.signal.aborted) setResult(found);
      } catch (failed) {
        if (!mine.signal.aborted) setError(failed);
      } finally {
        if (!mine.signal.aborted) setTesting(false);
      }
    },
  };
}

/** As it is asked for, also where the address was never left, so that it still has its user in it. */
function partsAgain(asking: Asking): CameraAddress {
  const parts = partsOfAddress(asking.address);
  return parts.user || parts.password ? parts : asking;
}

export const addressOf = (asking: Asking): string => wholeAddress(partsAgain(asking));
