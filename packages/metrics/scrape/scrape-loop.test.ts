import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkMap, silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { parsePrometheusConfig } from '../config/prometheus-config.ts';
import { MetricsStore } from '../store/metrics-store.ts';
import type { Fetch } from './fetch.ts';
import { ScrapeManager } from './scrape-manager.ts';
import { acceptHeader } from './scrape-protocol.ts';

const T0 = Date.UTC(2026, 0, 1);

interface Answer {
  readonly body?: string;
  readonly status?: number;
  readonly contentType?: string;
  readonly error?: string;
}

/** A manager over a fake network whose targets answer what `answers` says. */
async function scraper(yaml: string, answers: (url: string) => Answer) {
  const clock = new FakeClock(T0);
  const store = await MetricsStore.open({ directory: openMemoryDirectory(), clock, log: silentLog });
  const requests: string[] = [];
  const fetch: Fetch = async ({ url }) => {
    requests.push(url);
    const { body = '', status = 200, contentType = 'text/plain; version=0.0.4', error } = answers(url);
    if (error !== undefined) throw new Error(error);
    return { status, contentType, body: Buffer.from(body) };
  };
  const observer = {
    scraped() {},
    bodySizeLimitExceeded() {},
    sampleLimitExceeded() {},
    samplesDropped() {},
    appendFailed() {},
  };
  const dns = {
    resolve4: async () => [],
    resolve6: async () => [],
    resolveSrv: async () => [],
    resolveMx: async () => [],
    resolveNs: async () => [],
  };
  const manager = new ScrapeManager({ clock, log: silentLog, network: new NetworkMap(), fetch, dns, store, observer });
  const apply = async (text: string) => {
    const { config, issues } = parsePrometheusConfig(text, 'p.yml');
    assert.deepEqual(issues.errors, []);
    await manager.apply(config!.scrapeConfigs);
  };
  await apply(yaml);
  const dump = async () => {
    const set = await store.select(
      [
        { name: '__name__', op: '!=', value: 'scrape_duration_seconds' },
        { name: '__name__', op: '=~', value: '.+' },
      ],
      { startMs: 0, endMs: Infinity },
    );
    return Object.fromEntries(
      set.labels.map((labels, i) => {
        const { from, to, values, stale } = set.read(i);
        return [
          String(labels),
          Array.from({ length: to - from }, (_, p) => (stale?.includes(from + p) ? 'stale' : values[from + p])),
        ];
      }),
    );
  };
  return {
    clock,
    store,
    manager,
    apply,
    dump,
    requests,
    close: async () => {
      await manager.close();
      await store.close();
    },
  };
}

const ONE = 'scrape_configs: [{job_name: j, scrape_interval: 10s, static_configs: [{targets: ["h:1"]}]}]';

test('samples, the reports on the target, and staleness of what vanishes', async () => {
  const bodies = ['a{x="1"} 1\nb 2\n', 'a{x="1"} 3\n', 'a{x="1"} 4\nb 5\n'];
  let n = 0;
  const s = await scraper(ONE, () => ({ body: bodies[n++]! }));
  await s.clock.advance(29_999);
  assert.deepEqual(await s.dump(), {
    'a{instance="h:1", job="j", x="1"}': [1, 3, 4],
    'b{instance="h:1", job="j"}': [2, 'stale', 5],
    'scrape_samples_post_metric_relabeling{instance="h:1", job="j"}': [2, 1, 2],
    'scrape_samples_scraped{instance="h:1", job="j"}': [2, 1, 2],
    'scrape_series_added{instance="h:1", job="j"}': [2, 0, 0],
    'up{instance="h:1", job="j"}': [1, 1, 1],
  });
  assert.equal(s.requests[0], 'http://h:1/metrics');
  await s.close();
});

test('a target that fails is down, its series are stale, and it says why', async () => {
  const answers: Answer[] = [
    { body: 'a 1\n' },
    { error: 'Get "http://h:1/metrics": connection refused' },
    { status: 500 },
    { body: 'a{\n' },
    { body: 'a 2\n' },
  ];
  let n = 0;
  const s = await scraper(ONE, () => answers[n++]!);
  const errors: string[] = [];
  for (let i = 0; i < 5; i++) {
    await s.clock.advance(i === 4 ? 9_999 : 10_000);
    errors.push(s.manager.pools[0]!.loops[0]!.health.lastError);
  }
  const found = await s.dump();
  assert.deepEqual(found['a{instance="h:1", job="j"}'], [1, 'stale', 2]);
  assert.deepEqual(found['up{instance="h:1", job="j"}'], [1, 0, 0, 0, 1]);
  assert.match(errors.join('|'), /connection refused\|server returned HTTP status 500 Internal Server Error\|line 1:/);
  await s.close();
});

test('labels of the target win, or the exposed ones with honor_labels; metric relabelling drops and renames', async () => {
  const yaml = (extra: string) =>
    `scrape_configs: [{job_name: j, scrape_interval: 10s, ${extra} static_configs: [{targets: ["h:1"], labels: {zone: z}}]}]`;
  const body = 'a{job="own",instance=""} 1\nsecret 2\n';
  const one = await scraper(
    yaml('metric_relabel_configs: [{source_labels: [__name__], regex: secret, action: drop}],'),
    () => ({ body }),
  );
  await one.clock.advance(9_999);
  const names = Object.keys(await one.dump());
  assert.ok(names.includes('a{exported_job="own", instance="h:1", job="j", zone="z"}'), names.join());
  assert.ok(!names.some((name) => name.startsWith('secret')));
  await one.close();
  const two = await scraper(yaml('honor_labels: true,'), () => ({ body }));
  await two.clock.advance(9_999);
  assert.ok(Object.keys(await two.dump()).includes('a{instance="h:1", job="own", zone="z"}'));
  await two.close();
});

test('a rule that takes the name of a series fails the scrape; one that takes all of its labels drops it', async () => {
  const rule = (regex: string) =>
    ONE.replace('job_name', `metric_relabel_configs: [{regex: "${regex}", action: labeldrop}], job_name`);
  const run = async (regex: string) => {
    const s = await scraper(rule(regex), () => ({ body: 'a 1\n' }));
    await s.clock.advance(9_999);
    const { lastError } = s.manager.pools[0]!.loops[0]!.health;
    await s.close();
    return lastError;
  };
  assert.equal(await run('__name__'), 'missing metric name (__name__ label)');
  assert.equal(await run('.*'), '');
});

test('own timestamps are kept and do not become stale; a sample twice counts once', async () => {
  const bodies = [`a 1 ${T0 - 1000}\nb 1\nb 2\n`, 'c 1\n'];
  let n = 0;
  const s = await scraper(ONE, () => ({ body: bodies[n++]! }));
  await s.clock.advance(19_999);
  const found = await s.dump();
  assert.deepEqual(found['a{instance="h:1", job="j"}'], [1]);
  assert.deepEqual(found['b{instance="h:1", job="j"}'], [1, 'stale']);
  await s.close();
});

test('limits refuse the scrape as a whole', async () => {
  const s = await scraper(ONE.replace('job_name', 'sample_limit: 1, job_name'), () => ({ body: 'a 1\nb 2\n' }));
  await s.clock.advance(9_999);
  assert.equal(s.manager.pools[0]!.loops[0]!.health.lastError, 'sample limit exceeded');
  assert.deepEqual((await s.dump())['up{instance="h:1", job="j"}'], [0]);
  await s.close();
});

test('a content type that is no exposition is refused unless there is a fallback', async () => {
  const answer = () => ({ body: 'a 1\n', contentType: 'text/html' });
  const s = await scraper(ONE, answer);
  await s.clock.advance(9_999);
  assert.match(
    s.manager.pools[0]!.loops[0]!.health.lastError,
    /unsupported Content-Type "text\/html" and no fallback_scrape_protocol/,
  );
  await s.close();
  const t = await scraper(ONE.replace('job_name', 'fallback_scrape_protocol: PrometheusText0.0.4, job_name'), answer);
  await t.clock.advance(9_999);
  assert.equal(t.manager.pools[0]!.loops[0]!.health.health, 'up');
  await t.close();
});

test('a reload ends removed targets with staleness and leaves the others alone', async () => {
  const both =
    'scrape_configs: [{job_name: j, scrape_interval: 10s, static_configs: [{targets: ["h:1"]}]}, {job_name: k, scrape_interval: 10s, static_configs: [{targets: ["h:2"]}]}]';
  const s = await scraper(both, () => ({ body: 'a 1\n' }));
  await s.clock.advance(9_999);
  const kept = s.manager.pools[0]!.loops[0];
  await s.apply(ONE);
  assert.equal(s.manager.pools[0]!.loops[0], kept);
  const found = await s.dump();
  assert.deepEqual(found['a{instance="h:2", job="k"}'], [1, 'stale']);
  assert.deepEqual(found['up{instance="h:2", job="k"}'], [1, 'stale']);
  assert.deepEqual(found['a{instance="h:1", job="j"}'], [1]);
  await s.close();
});

test('the Accept header is the real one', () => {
  assert.equal(
    acceptHeader(
      ['OpenMetricsText1.0.0', 'OpenMetricsText0.0.1', 'PrometheusText1.0.0', 'PrometheusText0.0.4'],
      'allow-utf-8',
    ),
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
      'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
  );
});
