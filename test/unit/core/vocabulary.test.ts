import { describe, expect, it } from 'vitest';
import { nameKey, quoteName, tidyName } from '../../../src/core/vocabulary.ts';

describe('a name', () => {
  it.each([
    ['has one form of an accented letter', 'caf\u0065\u0301', 'caf\u00e9'],
    ['has one form with something unseen between', 'cafe\u200b\u0301', 'caf\u00e9'],
    ['keeps a mark that no letter has', 'x\u0302', 'x\u0302'],
    ['keeps other scripts', ' 日本語  السيارة дорога ', '日本語 السيارة дорога'],
    ['has single blanks, of whatever kind', '\u3000traffic\u00a0\t\u2028 light\n', 'traffic light'],
    ['has none of zero width', '\ufeffro\u200bad\u2060', 'road'],
    ['has no joiner between letters of ours', 'ro\u200dad\u200c', 'road'],
    ['keeps joiners that spell', 'می\u200cخواهم क\u094d\u200dष', 'می\u200cخواهم क\u094d\u200dष'],
    ['has no soft hyphen and no turn of direction', 'side\u00adwalk\u202e', 'sidewalk'],
    ['has no controls', '\u001b[31mr\u0000oad\u0007', '[31mroad'],
    ['has no halves of characters', 'ro\ud83dad', 'road'],
    ['keeps a family', '👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦'],
    ['keeps a skin', '👍🏽', '👍🏽'],
    ['keeps flags', '🇯🇵🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🇯🇵🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
    ['keeps keys and hearts', '1️⃣ ❤️', '1️⃣ ❤️'],
    ['keeps the letters of full width', 'ｃａｒ', 'ｃａｒ'],
    ['is empty with nothing to see', ' \u200b\u0301\u0000\ufe0f\u3164\t', ''],
  ])('%s', (_, text, name) => {
    expect(tidyName(text)).toBe(name);
    expect(tidyName(name)).toBe(name);
  });

  it('is one in any case and form', () => {
    expect(nameKey(' Caf\u0045\u0301 ')).toBe(nameKey('CAF\u00c9'));
    expect(nameKey('ДОРОГА')).toBe('дорога');
    expect(nameKey('❤️')).toBe(nameKey('❤'));
    expect(nameKey('cars')).not.toBe(nameKey('car'));
    expect(nameKey('ｃａｒ')).not.toBe(nameKey('car'));
  });

  it('is quoted shortly', () => {
    expect(quoteName('road')).toBe('"road"');
    expect(quoteName('🚗'.repeat(1000))).toBe(`"${'🚗'.repeat(40)}…"`);
  });
});
