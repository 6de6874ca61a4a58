import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_HISTOGRAM } from '../model/histogram.ts';
import { Labels } from '../model/labels.ts';
import type { MatrixSeries } from '../promql/index.ts';
import { JsonBytes } from './json-bytes.ts';
import { DataPart, joinBySeries, joinBySteps, type MatrixPart, pointTexts, TextPart } from './matrix-part.ts';
import { labelsJson, matrixJson, vectorJson } from './result-json.ts';

function series(labels: Record<string, string>, points: readonly (readonly [number, number])[]): MatrixSeries {
  return {
    labels: Labels.from(labels),
    timestamps: Float64Array.from(points, ([time]) => time),
    values: Float64Array.from(points, ([, value]) => value),
    histograms: null,
  };
}

function textOf(parts: readonly MatrixPart[], joined = joinBySeries(parts), pieceBytes = 1): string {
  return Buffer.concat([...matrixJson('', parts, joined, { pieceBytes })]).toString();
}

test('label sets in their own order, escaped as Go escapes', () => {
  const labels = Labels.from({
    __name__: 'm',
    '10': 'b',
    '9': 'a',
    path: '/a?b=<c>&d',
    quote: '"\\',
    text: 'Süß\n',
    empty: '',
  });
  const json = labelsJson(labels);
  assert.equal(
    json,
    '{"10":"b","9":"a","__name__":"m","path":"/a?b=\\u003cc\\u003e\\u0026d","quote":"\\"\\\\","text":"Süß\\n"}',
  );
  assert.deepEqual({ ...JSON.parse(json) }, { ...labels.toObject() });
  assert.equal(labelsJson(Labels.EMPTY), '{}');
});

test('a matrix whose series have their times in common, in part, or not at all', () => {
  const all = [
    series({ i: '1' }, [
      [0, 1],
      [1500, 0.1 + 0.2],
      [3000, -0],
    ]),
    series({ i: '2' }, [
      [1500, 1e21],
      [3000, 1e-7],
    ]),
    series({ i: '3' }, []),
    series({ i: '4' }, [
      [0, Number.NaN],
      [700, Infinity],
      [3000, 2],
    ]),
  ];
  const json = textOf([new DataPart(all)]);
  assert.equal(
    json,
    '[{"metric":{"i":"1"},"values":[[0,"1"],[1.500,"0.30000000000000004"],[3,"-0"]]},' +
      '{"metric":{"i":"2"},"values":[[1.500,"1e+21"],[3,"1e-07"]]},' +
      '{"metric":{"i":"4"},"values":[[0,"NaN"],[0.700,"+Inf"],[3,"2"]]}]',
  );
  assert.equal(textOf([new DataPart([])]), '[]');
  const vector = [...vectorJson('', [{ labels: Labels.EMPTY, value: 1.5 }], 5, { pieceBytes: 1 })];
  assert.equal(Buffer.concat(vector).toString(), '[{"metric":{},"value":[0.005,"1.5"]}]');
});

test('parts of a matrix, written apart or not, give the JSON of the whole', () => {
  const histogram = { ...EMPTY_HISTOGRAM, count: 2, sum: 3 };
  const early = [
    series({ i: '1' }, [[0, 1.25]]),
    series({ i: '2', ü: 'ß' }, [
      [0, 1 / 3],
      [1500, 7],
    ]),
    { ...series({ i: '4' }, [[0, 0]]), histograms: [histogram] },
  ];
  const late = [
    series({ i: '2', ü: 'ß' }, [[3000, 0.1]]),
    series({ i: '3' }, [[3000, 2e-9]]),
    series({ i: '4' }, [[3000, 5]]),
  ];
  const times = Float64Array.of(0, 3000);
  const whole = [
    early[0]!,
    series({ i: '2', ü: 'ß' }, [
      [0, 1 / 3],
      [1500, 7],
      [3000, 0.1],
    ]),
    late[1]!,
    { labels: late[2]!.labels, timestamps: times, values: Float64Array.of(0, 5), histograms: [histogram, undefined] },
  ];
  const forms = [
    (part: MatrixSeries[]) => new DataPart(part),
    (part: MatrixSeries[]) => new TextPart(pointTexts(part, new JsonBytes())!),
  ];
  for (const left of forms) {
    for (const right of forms) {
      const bySteps = [left(early), right(late)];
      assert.equal(textOf(bySteps, joinBySteps(bySteps)), textOf([new DataPart(whole)]));
      assert.equal(textOf(bySteps, joinBySteps(bySteps), 1e6), textOf([new DataPart(whole)], undefined, 1e6));
      assert.equal(textOf([left(whole.slice(0, 1)), right(whole.slice(1))]), textOf([new DataPart(whole)]));
    }
  }
});
