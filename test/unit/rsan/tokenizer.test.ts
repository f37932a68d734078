import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openTokenizer, parseTokenizer } from '../../../src/rsan/tokenizer.ts';

const models = new URL('../../../models/', import.meta.url).pathname;
const STREET = readFileSync(`${models}street-tiny/tokenizer.json`, 'utf8');

/** The bytes' tokenizer of street-tiny, with other parts. */
const bytesWith = (parts: object): string => JSON.stringify({ ...JSON.parse(STREET), ...parts });
const short = (context: number, padId = 0) =>
  parseTokenizer(bytesWith({ truncation: { max_length: context }, padding: { pad_id: padId } }), 'short');

describe('a tokenizer of bytes', () => {
  const street = parseTokenizer(STREET, 'street');

  it('has a token for every byte of UTF-8, a start and an end', () => {
    expect(street).toMatchObject({ context: 64, vocab: 258 });
    const ids = street.encode('Æ 日');
    const words = [...Buffer.from('æ 日')];
    const [start, end] = [ids[0], ids[words.length + 1]];
    expect([...ids.subarray(1, words.length + 1)]).toEqual(words);
    expect(start).toBeGreaterThan(255);
    expect(end).toBe(257);
    expect([...ids.subarray(words.length + 2)]).toEqual(new Array(64 - words.length - 2).fill(0));
  });

  it('makes one of texts that differ in case, blanks and entities', () => {
    const plain = street.encode('fish & chips');
    for (const text of ['  Fish\t&\n\nchips ', 'FISH &amp; CHIPS', 'fish &amp;amp; chips'])
      expect(street.encode(text), text).toEqual(plain);
    expect(street.encode('fish and chips')).not.toEqual(plain);
  });

  it('keeps the end of what is too long, and pads what is too short', () => {
    const five = short(5, 9);
    expect([...five.encode('abcdefgh')]).toEqual([256, 97, 98, 99, 257]);
    expect([...five.encode('abc')]).toEqual([256, 97, 98, 99, 257]);
    expect([...five.encode('ab')]).toEqual([256, 97, 98, 257, 9]);
    expect([...five.encode('')]).toEqual([256, 257, 9, 9, 9]);
    expect([...short(2).encode('abc')]).toEqual([256, 257]);
  });

  it('gives all tokens of what is too long', () => {
    expect(short(5).tokens('ABC&amp;efgh')).toEqual([256, ...Buffer.from('abc&efgh'), 257]);
    expect(short(5).tokens('')).toEqual([256, 257]);
  });

  it('has tokens for every script', () => {
    for (const text of ['日本語', 'السيارة', 'дорога', '👨‍👩‍👧', 'x\u0302'])
      expect(street.tokens(text).slice(1, -1)).toEqual([...Buffer.from(text)]);
  });
});

it('cuts CLIP’s tokens to 77 with the end token last', async () => {
  const clip = await openTokenizer(`${models}clip-tokenizer.json`);
  expect(clip).toMatchObject({ context: 77, vocab: 49408 });
  const ids = clip.encode('cat '.repeat(200));
  expect([ids.length, ids[0], ids[75], ids[76]]).toEqual([77, 49406, 2368, 49407]);
});

describe('a file that is no tokenizer', () => {
  const model = JSON.parse(STREET).model;
  it.each([
    ['no JSON', '{"truncation": '],
    ['no object', '[1, 2]'],
    ['without anything', '{}'],
    ['without a length', bytesWith({ truncation: null })],
    ['with a length of 1', bytesWith({ truncation: { max_length: 1 } })],
    ['with a length beyond all models', bytesWith({ truncation: { max_length: 1e9 } })],
    ['without padding', bytesWith({ padding: null })],
    ['without a model', bytesWith({ model: undefined })],
    ['with a model of no kind', bytesWith({ model: { type: 'Oracle' } })],
    ['without a vocabulary', bytesWith({ model: { ...model, vocab: null } })],
    ['with texts for ids', bytesWith({ model: { ...model, vocab: { ...model.vocab, odd: 'x' } } })],
    ['with an id beyond all memory', bytesWith({ model: { ...model, vocab: { ...model.vocab, far: 4e9 } } })],
    ['with a negative id', bytesWith({ added_tokens: [{ id: -1, content: 'x' }] })],
    ['with merges of numbers', bytesWith({ model: { ...model, merges: [5] } })],
    ['with a normaliser of no kind', bytesWith({ normalizer: { type: 'Oracle' } })],
    ['without start and end', bytesWith({ post_processor: null })],
    ['with a template of nothing', bytesWith({ post_processor: { type: 'TemplateProcessing' } })],
  ])('is refused: %s', (_, json) => {
    expect(() => parseTokenizer(json, 'my.json')).toThrow(
      expect.objectContaining({ code: 'TOKENIZER_INVALID', message: expect.stringMatching(/^my\.json: /) }),
    );
  });

  it('is named when it is not there', async () => {
    await expect(openTokenizer('/nowhere/tokenizer.json')).rejects.toMatchObject({
      code: 'TOKENIZER_INVALID',
      message: 'the tokenizer /nowhere/tokenizer.json cannot be read: ENOENT',
    });
  });
});
