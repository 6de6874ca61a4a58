import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpResponse, HttpResponseError } from './http-response.ts';

/** The answer as the bytes come, `step` at a time. */
function read(text: string, step = text.length): HttpResponse {
  const bytes = Buffer.from(text, 'latin1');
  const response = new HttpResponse();
  for (let at = 0; at < bytes.length; at += step) {
    const piece = bytes.subarray(at, at + step);
    response.push(piece, piece.length);
    piece.fill(0);
  }
  return response;
}

const ANSWERS: Readonly<Record<string, readonly [string, string, boolean]>> = {
  'a length': ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc', 'abc', true],
  'no body': ['HTTP/1.1 200 OK\r\ncontent-length: 0, 0\r\n\r\n', '', true],
  'no reason, bare line feeds': ['HTTP/1.1 200\ncontent-length: 1\n\nx', 'x', true],
  'no content': ['HTTP/1.1 204 No Content\r\n\r\n', '', true],
  'to be continued': ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'ok', true],
  chunks: [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;a=b\r\nab\r\nA\r\n0123456789\r\n0\r\nx: y\r\n\r\n',
    'ab0123456789',
    true,
  ],
  'chunks and a length': [
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
    'a',
    false,
  ],
  'the connection’s last': ['HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n', '', false],
  'HTTP/1.0': ['HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na', 'a', false],
  'HTTP/1.0, kept open': ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na', 'a', true],
};

for (const [name, [text, body, reusable]] of Object.entries(ANSWERS)) {
  test(`an answer with ${name}, however its bytes come`, () => {
    for (const step of [text.length, 7, 1]) {
      const response = read(text, step);
      assert.ok(response.done);
      assert.deepEqual([response.body.toString('latin1'), response.reusable], [body, reusable], `${step} at a time`);
    }
  });
}

test('a body without a length ends with the connection', () => {
  const response = read('HTTP/1.1 503 Busy\r\nRetry-After: 3\r\n\r\nlater');
  assert.equal(response.done, false);
  response.end();
  assert.equal(response.done, true);
  assert.deepEqual([response.status, response.retryAfter, response.body.toString()], [503, '3', 'later']);
  assert.equal(response.reusable, false);
});

test('an answer that ends too soon', () => {
  assert.throws(() => new HttpResponse().end(), /before an answer came/);
  assert.throws(() => read('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab').end(), /in the middle/);
  assert.throws(() => read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n').end(), /in the middle/);
});

test('a long body is not waited for, nor kept: the status has said all', () => {
  for (const framing of ['Content-Length: 900000', 'Transfer-Encoding: chunked\r\n\r\n90000\r\n', 'x: y']) {
    const response = read(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n${'a'.repeat(70_000)}`, 1_000);
    assert.ok(response.done);
    assert.deepEqual([response.status, response.body.length, response.reusable], [200, 0, false]);
  }
});

test('bytes behind an answer make it the connection’s last', () => {
  assert.equal(read('HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n').reusable, false);
});

const REFUSED: Readonly<Record<string, string>> = {
  'a frame of HTTP/2': '\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\n',
  'another version': 'HTTP/2 200 OK\r\n',
  'a status that is none': 'HTTP/1.1 2000 OK\r\n',
  'a folded header': 'HTTP/1.1 200 OK\r\nx: a\r\n b\r\n',
  'a space before the colon': 'HTTP/1.1 200 OK\r\nContent-Length : 1\r\n',
  'a header without a colon': 'HTTP/1.1 200 OK\r\nnonsense\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n',
  'a negative length': 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n',
  'another coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n',
  'chunked twice': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',
  'another protocol': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  'a chunk without a size': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n',
  'a chunk longer than it said': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n',
  'a head without an end': `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(4_000)}`,
  'a chunk’s line without an end': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(300)}`,
};

for (const [name, text] of Object.entries(REFUSED)) {
  test(`${name} is refused, however its bytes come`, () => {
    for (const step of [text.length, 5, 1])
      assert.throws(() => read(text, step), HttpResponseError, `${step} at a time`);
  });
}
