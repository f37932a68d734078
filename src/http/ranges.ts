/** Conditional requests and byte ranges, as RFC 9110 (sections 13 and 14) has them. Pure. */

export interface Selected {
  readonly bytes: number;
  /** Strong, without quotes. */
  readonly etag: string;
  readonly modified: Date;
}

export type Conditions = Readonly<
  Partial<
    Record<
      'if-match' | 'if-none-match' | 'if-modified-since' | 'if-unmodified-since' | 'if-range' | 'range',
      string | string[] | undefined
    >
  >
>;

/** What is answered: `start` and `end` are the first and last byte of a part, both inclusive. */
export type Answer =
  | { readonly status: 200 | 304 | 412 | 416 }
  | { readonly status: 206; readonly start: number; readonly end: number };

/** Judges a GET or HEAD, in the order of section 13.2.2. */
export function decide(method: string, conditions: Conditions, selected: Selected): Answer {
  const header = (name: keyof Conditions) => {
    const value = conditions[name];
    return typeof value === 'string' ? value : value?.join(', ');
  };
  const [match, noneMatch] = [header('if-match'), header('if-none-match')];
  if (match !== undefined) {
    if (!matches(match, selected, strongly)) return { status: 412 };
  } else {
    const since = dateOf(header('if-unmodified-since'));
    if (since !== undefined && seconds(selected.modified) > since) return { status: 412 };
  }
  if (noneMatch !== undefined) {
    if (matches(noneMatch, selected, weakly)) return { status: 304 };
  } else {
    const since = dateOf(header('if-modified-since'));
    if (since !== undefined && seconds(selected.modified) <= since) return { status: 304 };
  }
  const range = header('range');
  // A range means something for GET alone (section 14.2).
  if (method !== 'GET' || range === undefined || !isUnchanged(header('if-range'), selected)) {
    return { status: 200 };
  }
  return part(range, selected.bytes);
}

/** One part. Of several parts the whole is sent, as it is of what is no range of bytes. */
function part(range: string, bytes: number): Answer {
  const list = /^bytes=(.*)$/is.exec(range.trim())?.[1];
  if (list === undefined) return { status: 200 };
  const parts: { start: number; end: number }[] = [];
  let asked = 0;
  for (const item of list.split(',')) {
    const text = item.trim();
    if (text === '') continue; // RFC 9110 has recipients take empty elements (section 5.6.1.2).
    const [, first, last, suffix] = /^(?:(\d+)-(\d*)|-(\d+))$/.exec(text) ?? [];
    if (first === undefined && suffix === undefined) return { status: 200 };
    if (first !== undefined && last && Number(last) < Number(first)) return { status: 200 };
    asked++;
    const start = first === undefined ? Math.max(0, bytes - Number(suffix)) : Number(first);
    const end = first === undefined || !last ? bytes - 1 : Math.min(Number(last), bytes - 1);
    if (start <= end) parts.push({ start, end });
    // The last n bytes of nothing can be had, but not as a part.
    else if (bytes === 0 && Number(suffix) > 0) return { status: 200 };
  }
  if (asked === 0) return { status: 200 };
  const [only] = parts;
  if (only === undefined) return { status: 416 };
  return asked === 1 ? { status: 206, ...only } : { status: 200 };
}

/** If-Range: the part is wanted of this very object only. A weak tag names none. */
function isUnchanged(ifRange: string | undefined, selected: Selected): boolean {
  if (ifRange === undefined) return true;
  const text = ifRange.trim();
  if (text.includes('"')) return text === `"${selected.etag}"`;
  return dateOf(text) === seconds(selected.modified);
}

const strongly = (tag: string, etag: string) => tag === `"${etag}"`;
const weakly = (tag: string, etag: string) => tag.replace(/^W\//, '') === `"${etag}"`;

function matches(list: string, { etag }: Selected, like: (tag: string, etag: string) => boolean): boolean {
  if (list.trim() === '*') return true;
  return (list.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => like(tag, etag));
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const TIME = '\\d{2}:\\d{2}:\\d{2}';
/** The three forms of section 5.6.7: the present one, that of RFC 850, and that of asctime, which is UTC too. */
const GMT_DATE = new RegExp(
  `^(?:${DAY}, \\d{2} ${MONTH} \\d{4} ${TIME} GMT|[A-Z][a-z]+day, \\d{2}-${MONTH}-\\d{2} ${TIME} GMT)$`,
);
const ASCTIME = new RegExp(`^${DAY} ${MONTH} [ \\d]\\d ${TIME} \\d{4}$`);

/** Seconds since 1970; undefined for what is no HTTP date, which is to be taken as absent. */
function dateOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const date = text.trim();
  if (!GMT_DATE.test(date) && !ASCTIME.test(date)) return undefined;
  const time = Date.parse(ASCTIME.test(date) ? `${date} GMT` : date);
  return Number.isNaN(time) ? undefined : time / 1000;
}
