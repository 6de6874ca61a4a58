import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type TestPizzeria, testPizzeria } from '../main/test-pizzeria.ts';
import { codingFor } from './content-coding.ts';

let pizzeria: TestPizzeria;
before(async () => {
  pizzeria = await testPizzeria();
});
after(() => pizzeria.close());

test('the best of what is taken; nothing for what is small or refused', () => {
  const cases: readonly (readonly [string | undefined, number, string | undefined])[] = [
    ['gzip, deflate, br, zstd', 2_000, 'br'],
    ['gzip;q=1.0, br;q=0', 2_000, 'gzip'],
    ['gzip; q=0.000, identity', 2_000, undefined],
    ['GZIP', 2_000, 'gzip'],
    ['broken', 2_000, undefined],
    [undefined, 2_000, undefined],
    ['br', 500, undefined],
  ];
  for (const [accepted, length, coding] of cases) assert.equal(codingFor(accepted, length), coding, String(accepted));
});

test('pages, style sheets and scripts travel compressed and arrive as they are', async () => {
  // Node's own fetch would undo it unseen.
  const { request } = await import('node:http');
  const ask = (path: string, coding: string) =>
    new Promise<{ headers: NodeJS.Dict<string | string[]>; body: Buffer }>((resolve, reject) => {
      request(pizzeria.address + path, { headers: { 'accept-encoding': coding } }, (response) => {
        response
          .toArray()
          .then((chunks) => resolve({ headers: response.headers, body: Buffer.concat(chunks) }), reject);
      })
        .on('error', reject)
        .end();
    });
  const page = (await ask('/', 'identity')).body.toString();
  const paths = [
    '/',
    ...[...page.matchAll(/(?:href|src)="(\/assets\/(?:menu|pizzeria)[^"]+\.(?:css|js))"/g)].map(([, path]) => path!),
  ];
  assert.ok(paths.length >= 3, paths.join());
  for (const path of paths) {
    const plain = await ask(path, 'identity');
    assert.equal(plain.headers['content-encoding'], undefined);
    for (const [coding, undo] of [
      ['br', brotliDecompressSync],
      ['gzip', gunzipSync],
    ] as const) {
      const small = await ask(path, coding);
      assert.deepEqual([small.headers['content-encoding'], small.headers.vary], [coding, 'Accept-Encoding'], path);
      assert.ok(
        small.body.length < plain.body.length / 2,
        `${path} in ${coding}: ${small.body.length} of ${plain.body.length}`,
      );
      const text = undo(small.body).toString();
      // A page carries the trace of its own request.
      if (path !== '/') assert.equal(text, plain.body.toString());
      else assert.equal(text.length, page.length);
    }
  }
});
