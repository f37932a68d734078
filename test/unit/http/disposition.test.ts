import { describe, expect, it } from 'vitest';
import { contentDisposition, safeFileName } from '../../../src/http/disposition.ts';

describe('names of downloads', () => {
  it.each<[string, string]>([
    ['street.mp4', 'street.mp4'],
    ['a b.mp4', 'a b.mp4'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\system.ini', 'system.ini'],
    ['..', 'download'],
    ['.', 'download'],
    ['', 'download'],
    ['   ', 'download'],
    ['/', 'download'],
    ['.htaccess', 'htaccess'],
    ['a\r\nSet-Cookie: x=1', 'aSet-Cookie_ x=1'],
    ['a\u0000b\u007f\u0085.mp4', 'ab.mp4'],
    ['invoice\u202e4pm.exe', 'invoice4pm.exe'],
    ['\ufeffa\u200b.mp4', 'a.mp4'],
    ['a<b>:"c|d?e*.mp4', 'a_b___c_d_e_.mp4'],
    ['a\ud800b.mp4', 'a_b.mp4'],
    ['Straße 道路 🚗.mp4', 'Straße 道路 🚗.mp4'],
    ['ends. . ', 'ends'],
  ])('%j is saved as %j', (name, expected) => {
    expect(safeFileName(name)).toBe(expected);
  });

  it('are cut, with their extension kept and no character halved', () => {
    const long = safeFileName(`${'🚗'.repeat(400)}.mp4`);
    expect([...long]).toHaveLength(150);
    expect(long.endsWith('🚗.mp4')).toBe(true);
    expect([...safeFileName('x'.repeat(400))]).toHaveLength(150);
    expect([...safeFileName(`a.${'x'.repeat(400)}`)]).toHaveLength(150);
  });

  it.each<[string, string]>([
    ['street.mp4', 'inline; filename="street.mp4"'],
    ['say "hi".mp4', 'inline; filename="say _hi_.mp4"'],
    ['a\\b.mp4', 'inline; filename="b.mp4"'],
    ['100% (a).mp4', `inline; filename="100_ (a).mp4"; filename*=UTF-8''100%25%20%28a%29.mp4`],
    ["it's é.mp4", `inline; filename="it's _.mp4"; filename*=UTF-8''it%27s%20%C3%A9.mp4`],
    ['道.mp4', `inline; filename="_.mp4"; filename*=UTF-8''%E9%81%93.mp4`],
  ])('%j is written %s', (name, expected) => {
    expect(contentDisposition('inline', name)).toBe(expected);
  });

  it('can be no more than a header, whatever they are', () => {
    let seed = 1;
    for (let n = 0; n < 2000; n++) {
      const name = Array.from({ length: 20 }, () => {
        seed = (seed * 48_271) % 2_147_483_647;
        return String.fromCharCode(seed % (n % 2 ? 0x100 : 0x10000));
      }).join('');
      expect(contentDisposition('attachment', name)).toMatch(
        /^attachment; filename="[\x20\x21\x23-\x5b\x5d-\x7e]+"(; filename\*=UTF-8''[\w.%!#$&+^`|~-]+)?$/,
      );
    }
  });
});
