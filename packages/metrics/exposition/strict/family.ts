/** One metric family while a strict parser reads it: its metadata, its samples, and the rules between them. */
import { groupKey, TYPE_SUFFIXES } from './family-type.ts';
import { checkHistogram } from './histogram-check.ts';
import type { StrictSample } from './sample-line.ts';
import { OpenMetricsError } from './strict-error.ts';

const NOT_NAN = new Set(['_total', '_sum', '_count', '_bucket', '_gcount', '_gsum']);
const NOT_NEGATIVE = new Set(['_total', '_sum', '_count', '_bucket', '_gcount']);

export class StrictFamily {
  readonly name: string;
  type: string | undefined;
  help: string | undefined;
  unit: string | undefined;
  readonly samples: StrictSample[] = [];
  #group: string | undefined;
  #groupTimestamp: number | undefined;
  readonly #groupsSeen = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  /** Whether a sample of this name belongs here. */
  takes(sampleName: string): boolean {
    const suffixes = this.type === undefined ? [''] : TYPE_SUFFIXES[this.type]!;
    return suffixes.some((suffix) => sampleName === this.name + suffix);
  }

  setMetadata(keyword: string, text: string, line: number): void {
    if (this.samples.length > 0) throw new OpenMetricsError(line, `metadata of ${this.name} after its samples`);
    const repeated = () => new OpenMetricsError(line, `more than one ${keyword} for ${this.name}`);
    switch (keyword) {
      case 'HELP':
        if (this.help !== undefined) throw repeated();
        this.help = text;
        return;
      case 'TYPE':
        if (this.type !== undefined) throw repeated();
        if (!Object.hasOwn(TYPE_SUFFIXES, text)) throw new OpenMetricsError(line, `"${text}" is not a metric type`);
        this.type = text;
        return;
      case 'UNIT':
        if (this.unit !== undefined) throw repeated();
        this.unit = text;
        return;
      default:
        throw new OpenMetricsError(line, `"# ${keyword}" is neither HELP, TYPE, UNIT nor EOF`);
    }
  }

  add(sample: StrictSample, line: number): void {
    this.#checkLabels(sample, line);
    this.#checkGrouping(sample, line);
    this.#checkValue(sample, line);
    this.#checkExemplar(sample, line);
    this.samples.push(sample);
  }

  /** Checks what is known only at the family's end. */
  finish(line: number): void {
    const { name, unit, type } = this;
    if (unit !== undefined && unit !== '') {
      if (!name.endsWith(`_${unit}`)) throw new OpenMetricsError(line, `${name} does not end in its unit ${unit}`);
      if (type === 'info' || type === 'stateset')
        throw new OpenMetricsError(line, `a family of type ${type} has no unit`);
    }
    if (type === 'histogram' || type === 'gaugehistogram') checkHistogram(name, this.samples, line);
  }

  #checkLabels(sample: StrictSample, line: number): void {
    const refuse = (problem: string): never => {
      throw new OpenMetricsError(line, problem);
    };
    if (this.type === 'stateset' && !sample.labels.has(this.name)) refuse(`a stateset needs the label ${this.name}`);
    if ((this.type === 'histogram' || this.type === 'gaugehistogram') && sample.name === `${this.name}_bucket`) {
      const le = sample.labels.get('le');
      if (le === undefined || !/^(?:[+-]?Inf|[+-]?[\d.]+(?:e[+-]?\d+)?)$/i.test(le))
        refuse('a bucket needs a numeric le');
    }
    if (this.type === 'summary' && sample.name === this.name) {
      const quantile = sample.labels.get('quantile');
      if (quantile === undefined || !(Number(quantile) >= 0 && Number(quantile) <= 1) || quantile === '') {
        refuse('a quantile between 0 and 1 is needed');
      }
    }
  }

  #checkGrouping(sample: StrictSample, line: number): void {
    const group = groupKey(sample, this.name, this.type ?? 'unknown');
    if (this.#group !== undefined && group !== this.#group && this.#groupsSeen.has(group)) {
      throw new OpenMetricsError(line, `the samples of one metric of ${this.name} are not side by side`);
    }
    if (group === this.#group) {
      if ((sample.timestamp === undefined) !== (this.#groupTimestamp === undefined)) {
        throw new OpenMetricsError(line, 'some samples of one metric have a timestamp and some have none');
      }
      if (this.#groupTimestamp !== undefined && this.#groupTimestamp > sample.timestamp! && this.type !== 'info') {
        throw new OpenMetricsError(line, 'timestamps of one metric go backwards');
      }
    }
    this.#group = group;
    this.#groupTimestamp = sample.timestamp;
    this.#groupsSeen.add(group);
  }

  #checkValue(sample: StrictSample, line: number): void {
    const { value } = sample;
    const refuse = (problem: string): never => {
      throw new OpenMetricsError(line, `${sample.name}: ${problem}`);
    };
    const suffix = sample.name.slice(this.name.length);
    if (this.type === 'stateset' && value !== 0 && value !== 1) refuse('the value of a stateset is 0 or 1');
    if (this.type === 'info' && value !== 1) refuse('the value of an info is 1');
    if (this.type === 'summary' && suffix === '' && value < 0) refuse('a quantile value is not negative');
    if (NOT_NAN.has(suffix) && Number.isNaN(value)) refuse('the value is not NaN');
    if (NOT_NEGATIVE.has(suffix) && value < 0) refuse('the value is not negative');
    const counts = suffix === '_bucket' || suffix === '_count' || suffix === '_gcount';
    if (counts && Number.isFinite(value) && !Number.isInteger(value)) refuse('a count is an integer');
  }

  #checkExemplar(sample: StrictSample, line: number): void {
    if (sample.exemplar === undefined) return;
    const suffix = sample.name.slice(this.name.length);
    const bucket = (this.type === 'histogram' || this.type === 'gaugehistogram') && suffix === '_bucket';
    if (!bucket && !(this.type === 'counter' && suffix === '_total')) {
      throw new OpenMetricsError(line, 'only buckets and counter totals carry exemplars');
    }
  }
}
