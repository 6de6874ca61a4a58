/** Fuzz target: what the store of logs takes in and reads back. Any bytes are taken or refused with their own error. */

import { createRequire } from 'node:module';
import { TemplateError } from '../packages/gotemplate/index.ts';
import { PushError } from '../packages/logs/intake/push-error.ts';
import { parsePushJson } from '../packages/logs/intake/push-json.ts';
import { parsePushProtobuf } from '../packages/logs/intake/push-protobuf.ts';
import { noNeedles } from '../packages/logs/logql/evaluation/log-source.ts';
import { parseEntryTemplate, runEntryTemplate } from '../packages/logs/logql/template/entry-template.ts';
import { decodeBlock, encodeBlock } from '../packages/logs/store/block-codec.ts';
import { FormatError } from '../packages/logs/store/byte-reader.ts';
import { decodePush, encodePush } from '../packages/logs/store/wal-codec.ts';
import { isStorageError } from '../packages/storage/index.ts';
import { mutate, pick, timeBox } from './time-box.ts';

// A dependency of the package, not of the repository: resolved as the package resolves it.
const { compress } = createRequire(new URL('../packages/logs/index.ts', import.meta.url))('snappyjs') as {
  compress: (bytes: Uint8Array) => Uint8Array;
};

const entries = [
  { timeNs: 1n, line: 'first line', metadata: [['trace_id', 'abc']] as const },
  { timeNs: 2n, line: 'zweite Zeile 🍕', metadata: [] },
];
const record = Uint8Array.from(encodePush([{ labels: [['app', 'a']], entries }]));
const block = Uint8Array.from(
  encodeBlock(
    {
      count: 2,
      timesNs: BigInt64Array.of(1n, 2n),
      line: (i) => entries[i]!.line,
      metadata: (i) => entries[i]!.metadata,
    },
    0,
    2,
  ).bytes,
);
const json = Buffer.from('{"streams":[{"stream":{"app":"a"},"values":[["1","x",{"k":"v"}]]}]}');
// logproto.PushRequest with one stream {app="a"} and one entry.
const protobuf = Buffer.from('0a190a097b6170703d2261227d120c0a0408011002120478797a21', 'hex');

const TEMPLATE_WORDS = [
  '{{',
  '}}',
  '{{-',
  '-}}',
  '{{ .a }}',
  '{{ if .a }}',
  '{{ else }}',
  '{{ end }}',
  '{{ range fromJson .a }}',
  '{{ with .b }}',
  '| upper',
  'printf "%05.2f %q %*d"',
  '.a',
  '$x := 1',
  '$x',
  '(',
  ')',
  '"s"',
  '1',
  '-2.5',
  'add',
  'trunc',
  'nil',
  '/* c */',
  'date "2006"',
  '__timestamp__',
  'text',
  '\u0000',
];

const targets: readonly ((random: () => number) => void)[] = [
  (random) => parsePushJson(Buffer.from(mutate(random, json)).toString()),
  (random) =>
    parsePushProtobuf(
      random() < 0.8 ? compress(mutate(random, protobuf)) : mutate(random, compress(protobuf)),
      1024 * 1024,
    ),
  (random) => decodePush(mutate(random, record)),
  (random) => {
    const found = decodeBlock(
      mutate(random, block),
      random() < 0.5 ? noNeedles : { line: ['line'], labels: [['trace_id', 'abc']] },
    );
    for (let i = 0; i < (found?.count ?? 0); i++) {
      found!.line(i);
      found!.metadata(i);
    }
  },
  (random) => {
    const text = Array.from({ length: 1 + Math.floor(random() * 10) }, () => pick(random, TEMPLATE_WORDS)).join(' ');
    const input = { labels: new Map([['a', '[1,{"b":2}]']]), line: 'l', timeNs: 1n };
    runEntryTemplate(parseEntryTemplate('line', text), input);
  },
];

function isKnown(error: unknown): boolean {
  if (
    error instanceof PushError ||
    error instanceof FormatError ||
    error instanceof TemplateError ||
    isStorageError(error)
  )
    return true;
  return error instanceof Error && error.message.startsWith('template: ');
}

await timeBox('logs', (random) => {
  try {
    pick(random, targets)(random);
  } catch (error) {
    if (!isKnown(error)) throw error;
  }
});
