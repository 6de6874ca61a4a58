/** Compares labels: as text, as numbers, durations, sizes or addresses. A value that cannot be read sets the error label. */

import { compare } from '../arithmetic.ts';
import type { CompareOperator, LabelFilter } from '../ast.ts';
import { parseByteSize } from '../byte-size.ts';
import { parseGoDuration } from '../duration.ts';
import { parseGoFloat } from '../go-number.ts';
import { compileMatcher } from '../regex.ts';
import { compileIpFilter } from './ip-filter.ts';
import type { LabelsBuilder } from './labels-builder.ts';
import type { CompiledStage } from './stage.ts';

const LABEL_FILTER_ERROR = 'LabelFilterErr';

type Test = (labels: LabelsBuilder) => boolean;

export function compileLabelFilter(filter: LabelFilter): CompiledStage {
  const test = compileTest(filter);
  return {
    requiredLabels: [...new Set(namesOf(filter))],
    process: (line, { labels }) => (test(labels) ? line : undefined),
  };
}

function namesOf(filter: LabelFilter): readonly string[] {
  switch (filter.kind) {
    case 'string':
      // What every value passes needs no label: Loki drops such a filter, and with it the need to parse.
      return filter.matcher.operator === '=~' && filter.matcher.value === '.*' ? [] : [filter.matcher.name];
    case 'and':
    case 'or':
      return [...namesOf(filter.left), ...namesOf(filter.right)];
    default:
      return [filter.name];
  }
}

function compileTest(filter: LabelFilter): Test {
  switch (filter.kind) {
    case 'string': {
      const { name } = filter.matcher;
      const matches = compileMatcher(filter.matcher);
      return (labels) => matches(labels.text(name));
    }
    case 'number':
      return compileQuantity(filter.name, filter.operator, filter.value, readNumber);
    case 'duration':
      return compileQuantity(filter.name, filter.operator, filter.value, readDuration);
    case 'bytes':
      return compileQuantity(filter.name, filter.operator, filter.value, readBytes);
    case 'ip':
      return compileIp(filter.name, filter.operator, filter.pattern);
    case 'and': {
      const left = compileTest(filter.left);
      const right = compileTest(filter.right);
      // Both sides run, so that an error of the right one is seen even where the left one decides.
      return (labels) => {
        const passed = left(labels);
        return right(labels) && passed;
      };
    }
    case 'or': {
      const left = compileTest(filter.left);
      const right = compileTest(filter.right);
      return (labels) => left(labels) || right(labels);
    }
  }
}

type Reader = (text: string) => number | { readonly error: string };

const readNumber: Reader = (text) => {
  const result = parseGoFloat(text);
  return 'value' in result ? result.value : result;
};
const readDuration: Reader = (text) => {
  const result = parseGoDuration(text);
  return 'ns' in result ? result.ns : result;
};
const readBytes: Reader = (text) => {
  const result = parseByteSize(text);
  return 'bytes' in result ? result.bytes : result;
};

function compileQuantity(name: string, operator: CompareOperator, wanted: number, read: Reader): Test {
  return (labels) => {
    const text = labels.get(name);
    if (text === undefined) return false;
    const value = read(text);
    if (typeof value === 'number') return compare(operator, value, wanted);
    // The first error says most.
    if (labels.error === '') labels.fail(LABEL_FILTER_ERROR, value.error);
    return true;
  };
}

function compileIp(name: string, operator: '=' | '!=', pattern: string): Test {
  const contains = compileIpFilter(pattern);
  return (labels) => {
    // With an error only text comparisons may filter.
    if (labels.error !== '') return true;
    const text = labels.get(name);
    return text !== undefined && contains(text) === (operator === '=');
  };
}
