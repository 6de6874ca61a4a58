import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandFailure } from './command.ts';
import { formatOptions, parseOptions } from './options.ts';

test('defaults, environment and flags, the later winning', () => {
  const env = { MARIO_PORT_OFFSET: '100', MARIO_DATA: '/env', MARIO_EPHEMERAL: '0' };
  const { common } = parseOptions(['--data', '/flag'], {}, env);
  assert.equal(common.dataDir, '/flag');
  assert.equal(common.portOffset, 100);
  assert.equal(common.host, '127.0.0.1');
  assert.equal(common.retentionMs, 7 * 86_400_000);
  assert.equal(parseOptions(['--ephemeral'], {}, env).common.dataDir, undefined);
});

test('what is passed on to a process is read back the same', () => {
  const args = [
    '--retention',
    '90m',
    '--disk',
    '3GiB',
    '--host',
    '::1',
    '--ephemeral',
    '--admin-api',
    '--start-timestamps',
    '--enable-feature=promql-per-step-stats,st-storage',
  ];
  const { common } = parseOptions([...args, '--series-max', '5000', '--series-per-job-max', '100'], {}, {});
  assert.deepEqual(common.metrics, {
    adminApi: true,
    startTimestamps: true,
    enabledFeatures: ['promql-per-step-stats', 'st-storage'],
    seriesMax: 5000,
    seriesPerJobMax: 100,
  });
  assert.deepEqual(parseOptions(formatOptions(common), {}, {}).common, common);
});

test('a value that cannot be names its flag', () => {
  const failing: readonly (readonly [readonly string[], RegExp])[] = [
    [['--port-offset', 'x'], /--port-offset must be a whole number/],
    [['--retention', '0'], /--retention must be a duration/],
    [['--disk', 'much'], /--disk must be a size/],
    [['--log-level', 'loud'], /--log-level must be/],
  ];
  for (const [args, message] of failing) {
    assert.throws(
      () => parseOptions(args, {}, {}),
      (error: CommandFailure) => {
        assert.match(error.message, message);
        return error instanceof CommandFailure && error.exitCode === 2;
      },
    );
  }
});
