import { useEffect, useRef, useState } from 'preact/hooks';

/** What was dropped or pasted, sorted. */
export interface Given {
  readonly videos: readonly File[];
  /** Addresses, http and https. */
  readonly addresses: readonly string[];
  /** Names of what can be no video. */
  readonly others: readonly string[];
}

/** What a browser says of files that are certainly none. */
const NO_VIDEO = /^(image|text|font|audio)\/|^application\/(pdf|zip|json|msword|vnd\.(ms-|openxml|oasis))/;

export function sorted(files: readonly File[], typed = ''): Given {
  const isVideo = ({ type, size }: File) => size > 0 && !NO_VIDEO.test(type);
  return {
    videos: files.filter(isVideo),
    others: files.filter((file) => !isVideo(file)).map(({ name }) => name),
    addresses: addressesIn(typed),
  };
}

/** The addresses in a text; none where anything else is in it. */
export function addressesIn(typed: string): readonly string[] {
  const parts = typed.trim().split(/\s+/).filter(Boolean);
  return parts.every(isAddress) ? parts : [];
}

const isAddress = (text: string): boolean =>
  URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);

/**
 * Takes what is dropped anywhere in the window, or pasted where nothing is typed. Gives whether files are held over it.
 */
export function useDropped(onGiven: (given: Given) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(onGiven);
  latest.current = onGiven;
  useEffect(() => {
    let depth = 0;
    // Links of this page can be dragged about: they are nobody's video.
    let own = false;
    const brings = ({ dataTransfer }: DragEvent): boolean =>
      !own && !!dataTransfer && ['Files', 'text/uri-list'].some((type) => dataTransfer.types.includes(type));
    const enter = (event: DragEvent) => {
      if (!brings(event)) return;
      event.preventDefault();
      depth++;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!brings(event)) return;
      depth = Math.max(0, depth - 1);
      setOver(depth > 0);
    };
    const hover = (event: DragEvent) => {
      if (!brings(event) || !event.dataTransfer) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
    };
    const drop = (event: DragEvent) => {
      if (!brings(event) || !event.dataTransfer) return;
      // Else the browser would leave the page and open the file.
      event.preventDefault();
      depth = 0;
      setOver(false);
      latest.current(sorted([...event.dataTransfer.files], event.dataTransfer.getData('text/uri-list')));
    };
    const paste = (event: ClipboardEvent) => {
      if ((event.target as HTMLElement).closest('input, textarea, select, dialog') || !event.clipboardData)
        return;
      const given = sorted([...event.clipboardData.files], event.clipboardData.getData('text/plain'));
      if (given.videos.length + given.addresses.length + given.others.length > 0) latest.current(given);
    };
    const gone = new AbortController();
    const options = { signal: gone.signal };
    for (const kind of ['dragstart', 'dragend'] as const) {
      window.addEventListener(
        kind,
        () => {
          own = kind === 'dragstart';
        },
        options,
      );
    }
    window.addEventListener('dragenter', enter, options);
    window.addEventListener('dragleave', leave, options);
    window.addEventListener('dragover', hover, options);
    window.addEventListener('drop', drop, options);
    window.addEventListener('paste', paste, options);
    return () => gone.abort();
  }, []);
  return over;
}
