// Names as the Collector's prometheus exporter gives them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricType } from '@mario/otlp';
import { labelName, metricName } from './names.ts';

test('metric names get the suffixes of their unit and type', () => {
  const { gauge, sum, histogram } = MetricType;
  const cases: [name: string, unit: string, type: number, monotonic: boolean, expected: string][] = [
    ['http.server.duration', 'ms', histogram, false, 'http_server_duration_milliseconds'],
    ['http.server.request.duration', 's', histogram, false, 'http_server_request_duration_seconds'],
    ['mario.orders.created.orders', '{order}', sum, true, 'mario_orders_created_orders_total'],
    ['requests', '1', sum, true, 'requests_total'],
    ['requests_total', '', sum, true, 'requests_total'],
    ['cpu.utilization', '1', gauge, false, 'cpu_utilization_ratio'],
    ['active', '1', sum, false, 'active'],
    ['memory.rss', 'By', gauge, false, 'memory_rss_bytes'],
    ['system.io', 'By/s', gauge, false, 'system_io_bytes_per_second'],
    ['rate', '{request}/s', gauge, false, 'rate_per_second'],
    ['disk.seconds.busy', 's', gauge, false, 'disk_seconds_busy'],
    ['order.value', 'USD', histogram, false, 'order_value_USD'],
    ['1st.metric', '', gauge, false, '_1st_metric'],
    ['a..b--c', '%', gauge, false, 'a_b_c_percent'],
  ];
  for (const [name, unit, type, monotonic, expected] of cases) {
    assert.equal(metricName({ name, unit, type, monotonic }, '', true), expected);
  }
  assert.equal(metricName({ name: 'a.b', unit: 's', type: sum, monotonic: true }, 'ns', true), 'ns_a_b_seconds_total');
  assert.equal(metricName({ name: 'a.b', unit: 's', type: sum, monotonic: true }, 'ns', false), 'ns_a_b');
});

test('label names keep what Prometheus takes', () => {
  const cases = {
    'http.method': 'http_method',
    '2nd': 'key_2nd',
    _private: 'key_private',
    __name: '__name',
    größe: 'gr__e',
  };
  for (const [key, expected] of Object.entries(cases)) assert.equal(labelName(key), expected);
});
