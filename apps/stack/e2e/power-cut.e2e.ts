/** The stack is killed under load and started again: nothing acknowledged is lost, nothing is doubled. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { eventually, json, sumOf } from '@mario/testkit';
import { fastConfiguration, freePortOffset, type MarioProcess, startMario, temporaryFolder } from './mario-process.ts';

/** Requests under way at once. Each waits for its batch (200 ms), so this many make a kill find some half done. */
const SENDERS = 24;

test('killed under load, everything acknowledged is there once', async (t) => {
  const folder = temporaryFolder(t);
  const offset = await freePortOffset();
  const args = ['--port-offset', String(offset), '--data', `${folder}/data`, '--config', fastConfiguration(folder)];
  let stack: MarioProcess = await startMario('stack', args);
  t.after(() => stack.stop());

  const acknowledged = { traces: [] as string[], lines: [] as string[] };
  for (let round = 0; round < 3; round++) {
    const running = { on: true };
    const senders = Array.from({ length: SENDERS }, () => send(offset, acknowledged, running));
    await new Promise((resolve) => setTimeout(resolve, 700 + 300 * round));
    await stack.kill();
    running.on = false;
    await Promise.all(senders);
    stack = await startMario('stack', args);
  }
  assert.ok(acknowledged.traces.length > 50, `only ${acknowledged.traces.length} traces were acknowledged`);
  t.diagnostic(`${acknowledged.traces.length} traces and ${acknowledged.lines.length} lines were acknowledged`);

  const { traces, logs, metrics } = stack.addresses;
  for (const id of acknowledged.traces) {
    const trace = await json<{ batches: { scopeSpans: { spans: unknown[] }[] }[] }>(`${traces}/api/traces/${id}`);
    const spans = trace.batches.flatMap((batch) => batch.scopeSpans.flatMap((scope) => scope.spans));
    assert.equal(spans.length, 1, `trace ${id} has its span once`);
  }
  const params = new URLSearchParams({ query: '{service_name="power-cut"}', since: '1h', limit: '5000' });
  const { data } = await json<{ data: { result: { values: [string, string][] }[] } }>(
    `${logs}/loki/api/v1/query_range?${params}`,
  );
  const stored = data.result.flatMap(({ values }) => values.map(([, line]) => line));
  const seen = new Set(stored);
  for (const line of acknowledged.lines) assert.ok(seen.has(line), `line ${line} was acknowledged and is gone`);
  assert.equal(seen.size, stored.length, 'no line is there twice');
  await eventually('scrapes go on', async () => ((await sumOf(metrics!, 'up')) > 0 ? true : undefined));
});

/** Sends one span and one line a request until told to stop; what was answered with 200 counts as acknowledged. */
async function send(
  offset: number,
  acknowledged: { traces: string[]; lines: string[] },
  running: { on: boolean },
): Promise<void> {
  while (running.on) {
    const id = randomBytes(16).toString('hex');
    try {
      if (await post(offset, 'traces', spanRequest(id))) acknowledged.traces.push(id);
      if (await post(offset, 'logs', lineRequest(id))) acknowledged.lines.push(id);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5)); // the stack is down: that is the point
    }
  }
}

async function post(offset: number, signal: 'traces' | 'logs', body: object): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${4318 + offset}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return response.status === 200 && !text.includes('rejected');
}

const RESOURCE = { attributes: [{ key: 'service.name', value: { stringValue: 'power-cut' } }] };

function spanRequest(traceId: string): object {
  const nowNs = String(BigInt(Date.now()) * 1_000_000n);
  const span = {
    traceId,
    spanId: traceId.slice(0, 16),
    name: 'cut',
    kind: 2,
    startTimeUnixNano: nowNs,
    endTimeUnixNano: nowNs,
  };
  return { resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ scope: { name: 'test' }, spans: [span] }] }] };
}

function lineRequest(text: string): object {
  const timeUnixNano = String(BigInt(Date.now()) * 1_000_000n);
  const record = { timeUnixNano, severityNumber: 9, body: { stringValue: text } };
  return { resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ scope: { name: 'test' }, logRecords: [record] }] }] };
}
