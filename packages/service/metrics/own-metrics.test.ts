import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnMetrics } from './own-metrics.ts';

test('the text format and OpenMetrics differ where their specifications do', () => {
  const metrics = new OwnMetrics();
  const requests = metrics.counter('requests_total', 'Requests\nby code.');
  requests.inc({ code: '200' });
  requests.inc({ code: 'a"b\\c' }, 2);
  metrics.gauge('temperature_celsius', 'Oven.').set(Number.POSITIVE_INFINITY);
  const seconds = metrics.histogram('duration_seconds', 'Time.', [0.1, 1]);
  seconds.observe(0.1);
  seconds.observe(5);

  const text = metrics.expose('text/plain');
  assert.match(text.contentType, /^text\/plain; version=0\.0\.4/);
  assert.equal(
    text.body,
    `# HELP duration_seconds Time.
# TYPE duration_seconds histogram
duration_seconds_bucket{le="0.1"} 1
duration_seconds_bucket{le="1"} 1
duration_seconds_bucket{le="+Inf"} 2
duration_seconds_sum 5.1
duration_seconds_count 2
# HELP requests_total Requests\\nby code.
# TYPE requests_total counter
requests_total{code="200"} 1
requests_total{code="a\\"b\\\\c"} 2
# HELP temperature_celsius Oven.
# TYPE temperature_celsius gauge
temperature_celsius +Inf
`,
  );
  const open = metrics.expose('application/openmetrics-text;version=1.0.0,text/plain;q=0.5');
  assert.match(open.contentType, /^application\/openmetrics-text/);
  assert.match(open.body, /# TYPE requests counter\n/);
  assert.match(open.body, /# EOF\n$/);
});

test('a counter cannot go down and a name cannot be taken twice', () => {
  const metrics = new OwnMetrics();
  const counter = metrics.counter('a_total', 'A.');
  assert.throws(() => counter.inc({}, -1), /BUG/);
  assert.throws(() => metrics.gauge('a_total', 'A.'), /BUG/);
});
