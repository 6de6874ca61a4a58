import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PrometheusType, prometheusLabel, prometheusName, prometheusUnit } from './names.ts';

const names: readonly (readonly [name: string, unit: string, type: PrometheusType, expected: string])[] = [
  ['http.server.duration', 'ms', 'histogram', 'http_server_duration_milliseconds'],
  ['http.server.request.duration', 's', 'histogram', 'http_server_request_duration_seconds'],
  ['http.server.active_requests', '{request}', 'gauge', 'http_server_active_requests'],
  ['process.runtime.nodejs.cpu_time', 's', 'counter', 'process_runtime_nodejs_cpu_time_seconds_total'],
  ['nodejs.eventloop.utilization', '1', 'gauge', 'nodejs_eventloop_utilization_ratio'],
  // `1` is a ratio only for gauges.
  ['cache.hits', '1', 'counter', 'cache_hits_total'],
  // A suffix is not doubled, wherever the name has it, and `total` comes last.
  ['jobs.total.done', '{job}', 'counter', 'jobs_done_total'],
  ['wait.seconds', 's', 'histogram', 'wait_seconds'],
  ['mario.orders.created', 'orders', 'counter', 'mario_orders_created_total'],
  ['mario.orders.created.orders', '{order}', 'counter', 'mario_orders_created_orders_total'],
  ['mario.orders.value', 'USD', 'histogram', 'mario_orders_value_USD'],
  ['mario.kitchen.capacity_utilized', '%', 'histogram', 'mario_kitchen_capacity_utilized_percent'],
  ['disk.speed', 'MiBy/s', 'gauge', 'disk_speed_mebibytes_per_second'],
  ['2xx.answers', '', 'gauge', '_2xx_answers'],
  ['a..b--c', '', 'gauge', 'a_b_c'],
  ['recorded:rate', '', 'gauge', 'recorded:rate'],
];

for (const [name, unit, type, expected] of names) {
  test(`${name} in ${unit || 'no unit'} as a ${type} is ${expected}`, () => {
    assert.equal(prometheusName(name, unit, type), expected);
  });
}

test('labels', () => {
  assert.equal(prometheusLabel('http.status_code'), 'http_status_code');
  assert.equal(prometheusLabel('a..b'), 'a_b');
  assert.equal(prometheusLabel('4xx'), 'key_4xx');
});

test('the unit of a family is told only when the name ends in it', () => {
  assert.equal(prometheusUnit('http_server_duration_milliseconds', 'ms', 'histogram'), 'milliseconds');
  assert.equal(prometheusUnit('wait_seconds_spent', 's', 'gauge'), undefined);
  assert.equal(prometheusUnit('active', '{request}', 'gauge'), undefined);
});
