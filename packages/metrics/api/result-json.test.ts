import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from '../model/labels.ts';
import type { MatrixSeries } from '../promql/index.ts';
import { labelsJson, matrixJson, vectorJson } from './result-json.ts';

function series(labels: Record<string, string>, points: readonly (readonly [number, number])[]): MatrixSeries {
  return {
    labels: Labels.from(labels),
    timestamps: Float64Array.from(points, ([time]) => time),
    values: Float64Array.from(points, ([, value]) => value),
    histograms: null,
  };
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
  const json = [...matrixJson(all)].join('');
  assert.equal(
    json,
    '[{"metric":{"i":"1"},"values":[[0,"1"],[1.500,"0.30000000000000004"],[3,"-0"]]},' +
      '{"metric":{"i":"2"},"values":[[1.500,"1e+21"],[3,"1e-07"]]},' +
      '{"metric":{"i":"4"},"values":[[0,"NaN"],[0.700,"+Inf"],[3,"2"]]}]',
  );
  assert.deepEqual([...matrixJson([])], ['[]']);
  assert.deepEqual(
    [...vectorJson([{ labels: Labels.EMPTY, value: 1.5 }], 5)],
    ['[{"metric":{},"value":[0.005,"1.5"]}]'],
  );
});
