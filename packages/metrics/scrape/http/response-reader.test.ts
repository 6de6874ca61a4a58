import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, testSeed } from '@mario/storage/testing';
import { BodyBuffers, BodyTooLargeError } from './body-buffer.ts';
import { ResponseError, ResponseReader } from './response-reader.ts';

/** Feeds `text` in pieces of `size` bytes. */
function feed(text: string, size: number, bytesMax = 1_000) {
  const body = new BodyBuffers().take(bytesMax);
  const reader = new ResponseReader(body);
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) {
    const piece = Buffer.from(bytes.subarray(at, at + size));
    reader.push(piece, piece.length);
    piece.fill(0);
  }
  return { reader, text: () => Buffer.from(body.bytes).toString('latin1') };
}

const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello';
const CHUNKED =
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n';

test('a body of a told length and one in chunks, in pieces of any size', () => {
  for (const text of [LENGTH, CHUNKED, LENGTH.replaceAll('\r\n', '\n')]) {
    for (let size = 1; size <= text.length; size++) {
      const found = feed(text, size);
      assert.equal(found.reader.done, true);
      assert.equal(found.reader.status, 200);
      assert.equal(found.text(), 'hello');
      assert.equal(found.reader.reusable, true);
    }
  }
});

test('a body without a length ends with the connection, which cannot be used again', () => {
  const { reader, text } = feed('HTTP/1.0 200 OK\r\n\r\nhello', 7);
  assert.equal(reader.done, false);
  reader.end();
  assert.equal(reader.done, true);
  assert.equal(text(), 'hello');
  assert.equal(reader.reusable, false);
});

test('204 and 304 have no body; a closing server is believed', () => {
  assert.equal(feed('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n', 9).reader.reusable, false);
  assert.equal(feed('HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n', 9).reader.done, true);
  assert.equal(feed('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n', 9).reader.reusable, true);
});

test('what is no HTTP, or ends early, is told', () => {
  assert.throws(() => feed('SSH-2.0-OpenSSH_9.2\r\n', 5), /malformed HTTP response "SSH-2.0/);
  assert.throws(() => feed('HTTP/1.1 200 OK\r\nno colon\r\n\r\n', 5), /malformed MIME header line/);
  assert.throws(
    () => feed('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 5),
    /bad Content-Length/,
  );
  assert.throws(() => feed('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 5), /chunk length/);
  assert.throws(
    () => feed(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(60_000)}\r\n`, 999),
    /headers exceeded 262144 bytes/,
  );
  assert.throws(() => feed(`${LENGTH}more`, 999), /unsolicited response/);
  const short = feed(LENGTH.slice(0, -1), 999);
  assert.throws(() => short.reader.end(), /unexpected EOF/);
  assert.throws(() => feed('', 1).reader.end(), /^ResponseError: EOF/);
});

test('a body is refused as soon as it is, or says to be, too large', () => {
  assert.throws(() => feed(LENGTH, 1, 4), BodyTooLargeError);
  assert.throws(() => feed(CHUNKED, 1, 4), BodyTooLargeError);
  assert.throws(() => feed('HTTP/1.1 200 OK\r\n\r\nhello', 3, 4), BodyTooLargeError);
});

test('any bytes are read or refused with their own errors', () => {
  const random = seededRandom(testSeed());
  for (let round = 0; round < 3_000; round++) {
    const bytes = Buffer.from(random() < 0.5 ? LENGTH : CHUNKED);
    for (let n = 0; n < 3; n++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    try {
      feed(bytes.toString('latin1'), 1 + Math.floor(random() * 40)).reader.end();
    } catch (error) {
      assert.ok(error instanceof ResponseError || error instanceof BodyTooLargeError, String(error));
    }
  }
});
