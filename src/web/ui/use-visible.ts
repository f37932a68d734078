import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Whether this tab is the one that is looked at. */
export function useAwake(): boolean {
  const [awake, setAwake] = useState(!document.hidden);
  useEffect(() => {
    const look = () => setAwake(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return awake;
}

/** Whether an element can be seen: it is on the screen, and its tab is looked at. */
export function useVisible(element: RefObject<Element>): boolean {
  const awake = useAwake();
  const [near, setNear] = useState(false);
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const observer = new IntersectionObserver((entries) => setNear(entries.at(-1)?.isIntersecting ?? false));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return awake && near;
}
