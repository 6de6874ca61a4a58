/** Who calls whom, from the service graph metrics that the trace store writes into the metrics store. */
import { fieldOf, frameOf, type Labels } from '../../model/frames/build-frame.ts';
import { type DataFrame, FieldType } from '../../model/frames/grafana-data.ts';
import { parseSample } from '../../model/frames/prometheus-frames.ts';
import type { TimeRange } from '../../model/index.ts';
import { requestJson } from '../server/api.ts';
import { type Datasource, proxyPath } from '../server/datasources.ts';

interface Vector {
  readonly data: { readonly result: readonly { readonly metric: Labels; readonly value: readonly [number, string] }[] };
}

interface Call {
  readonly client: string;
  readonly server: string;
  rate: number;
  failed: number;
  seconds: number;
}

export async function askServiceMap(
  prometheus: Datasource,
  range: TimeRange,
  refId: string,
  signal: AbortSignal,
): Promise<readonly DataFrame[]> {
  const window = `${Math.max(60, Math.round((range.toMs - range.fromMs) / 1000))}s`;
  const time = String(range.toMs / 1000);
  const ask = async (metric: string) => {
    const query = `sum by (client, server) (rate(${metric}[${window}]))`;
    return (
      await requestJson<Vector>(proxyPath(prometheus, '/api/v1/query'), {
        form: new URLSearchParams({ query, time }),
        signal,
      })
    ).data.result;
  };
  const [totals, failures, seconds] = await Promise.all(
    [
      'traces_service_graph_request_total',
      'traces_service_graph_request_failed_total',
      'traces_service_graph_request_server_seconds_sum',
    ].map(ask),
  );
  const calls = new Map<string, Call>();
  const at = ({ client = '', server = '' }: Labels): Call => {
    const key = `${client}\n${server}`;
    const call = calls.get(key) ?? { client, server, rate: 0, failed: 0, seconds: 0 };
    calls.set(key, call);
    return call;
  };
  for (const { metric, value } of totals!) at(metric).rate = parseSample(value[1]);
  for (const { metric, value } of failures!) at(metric).failed = parseSample(value[1]);
  for (const { metric, value } of seconds!) at(metric).seconds = parseSample(value[1]);
  return framesOf(
    [...calls.values()].filter(({ rate }) => rate > 0),
    refId,
  );
}

function framesOf(calls: readonly Call[], refId: string): readonly DataFrame[] {
  const names = [...new Set(calls.flatMap(({ client, server }) => [client, server]))];
  const into = names.map((name) => {
    const own = calls.filter(({ server }) => server === name);
    const sum = (pick: (call: Call) => number) => own.reduce((total, call) => total + pick(call), 0);
    return {
      rate: sum(({ rate }) => rate),
      failed: sum(({ failed }) => failed),
      seconds: sum(({ seconds }) => seconds),
    };
  });
  const milliseconds = { config: { unit: 'ms', decimals: 1 } };
  const perSecond = { config: { unit: 'reqps', decimals: 2 } };
  return [
    frameOf(
      refId,
      [
        fieldOf('id', FieldType.string, names),
        fieldOf('title', FieldType.string, names),
        fieldOf(
          'mainstat',
          FieldType.number,
          into.map(({ rate, seconds }) => (rate > 0 ? (seconds / rate) * 1000 : null)),
          milliseconds,
        ),
        fieldOf(
          'secondarystat',
          FieldType.number,
          into.map(({ rate }) => (rate > 0 ? rate : null)),
          perSecond,
        ),
        fieldOf(
          'arc__failed',
          FieldType.number,
          into.map(({ rate, failed }) => (rate > 0 ? failed / rate : 0)),
        ),
      ],
      { name: 'Nodes', meta: { preferredVisualisationType: 'nodeGraph' } },
    ),
    frameOf(
      refId,
      [
        fieldOf(
          'id',
          FieldType.string,
          calls.map(({ client, server }) => `${client}_${server}`),
        ),
        fieldOf(
          'source',
          FieldType.string,
          calls.map(({ client }) => client),
        ),
        fieldOf(
          'target',
          FieldType.string,
          calls.map(({ server }) => server),
        ),
        fieldOf(
          'mainstat',
          FieldType.number,
          calls.map(({ rate }) => rate),
          perSecond,
        ),
      ],
      { name: 'Edges', meta: { preferredVisualisationType: 'nodeGraph' } },
    ),
  ];
}
