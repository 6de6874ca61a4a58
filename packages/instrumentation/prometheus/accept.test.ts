import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiateFormat } from './accept.ts';

test('Prometheus 3 is given OpenMetrics', () => {
  const accept =
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
    'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
  assert.equal(negotiateFormat(accept), 'openmetrics');
});

test('a browser, curl and an absent header are given text', () => {
  assert.equal(negotiateFormat('text/html,application/xhtml+xml,*/*;q=0.8'), 'text');
  assert.equal(negotiateFormat('*/*'), 'text');
  assert.equal(negotiateFormat(undefined), 'text');
});

test('quality decides, a version that is not spoken does not count', () => {
  assert.equal(negotiateFormat('application/openmetrics-text;q=0.1,text/plain;q=0.9'), 'text');
  assert.equal(negotiateFormat('application/openmetrics-text;version=2.0.0,text/plain;q=0.1'), 'text');
  assert.equal(negotiateFormat('application/openmetrics-text;q=0'), 'text');
});
