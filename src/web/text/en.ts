/**
 * All words of the page. A translation is another file of this shape. Functions take what varies; plurals are decided here.
 */
const many = (count: number, one: string, more: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : more}`;

export const text = {
  app: {
    name: 'Sidestream',
    skip: 'Skip to the content',
    navigation: 'Screens',
    offline: 'The server does not answer. Trying again…',
    jobs: 'Jobs',
    live: 'Live',
    past: 'Recordings',
    ask: 'Ask',
    system: 'System',
    theme: 'Colours',
    themes: { auto: 'As the system has it', light: 'Light', dark: 'Dark' },
    signOut: 'Sign out',
    notFound: 'There is nothing at this address',
    toJobs: 'To the jobs',
    broken: 'Something on this screen went wrong',
    reload: 'Load again',
  },
  login: {
    title: 'Sign in',
    key: 'Key',
    hint: 'A key begins with ssk_. Whoever runs this server makes it with “sidestream keys create”.',
    go: 'Sign in',
    expired: 'The session has ended. Sign in again; what you did is kept.',
  },
  common: {
    cancel: 'Cancel',
    close: 'Close',
    save: 'Save',
    remove: 'Delete',
    download: 'Download',
    retry: 'Try again',
    more: 'More',
    loading: 'Loading…',
    copied: 'Copied',
    copy: 'Copy',
    now: 'now',
    none: 'none',
    loadMore: 'Show more',
    sure: 'Delete for good?',
    dismiss: 'Dismiss',
  },
  errors: {
    unknown: (status: number) => `The server answered with status ${status}`,
    offline: 'The server cannot be reached',
  },
  units: {
    frames: (count: number) => many(count, 'frame', 'frames'),
    seconds: (count: number) => many(count, 'second', 'seconds'),
    fps: (rate: number) => `${rate >= 10 ? Math.round(rate) : rate.toFixed(1)} frames/s`,
    ms: (value: number) => `${Math.round(value)} ms`,
    percent: (share: number, digits = 0) => `${(share * 100).toFixed(digits)} %`,
    left: (time: string) => `${time} left`,
  },
  words: {
    label: 'Words',
    hint: 'What to look for. Enter adds a word; car|vehicle gives it synonyms.',
    placeholder: 'Add a word…',
    remove: (word: string) => `Remove ${word}`,
    suggestions: 'Suggestions',
    sources: { model: 'known to the model', 'coco-stuff': 'COCO-Stuff', used: 'used lately' },
    none: 'At least one word is needed',
  },
} as const;
