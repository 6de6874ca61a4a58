/** Loki's functions on times. */
import { formatGoTime, type GoTime, isTime, parseGoTime, type Value, zoneExists } from '@mario/gotemplate';
import { anyFunction, asText, type TemplateFunction } from './template-function.ts';

/** Go's zero time, which its functions give for what they cannot read. */
const zeroTime: GoTime = { ns: -62_135_596_800_000_000_000n, zone: 'UTC' };

function asTime(value: Value): GoTime {
  if (isTime(value)) return value;
  if (typeof value === 'bigint') return { ns: value * 1_000_000_000n, zone: 'UTC' };
  throw new Error('wrong type for value; expected time.Time');
}

const unitsByDigits: Readonly<Record<number, bigint>> = {
  5: 86_400_000_000_000n,
  10: 1_000_000_000n,
  13: 1_000_000n,
  16: 1_000n,
  19: 1n,
};

/** The number of digits tells the unit: days, seconds, milliseconds, microseconds or nanoseconds. */
function unixToTime(text: string): GoTime {
  const unit = unitsByDigits[text.length];
  if (!/^-?\d+$/.test(text) || unit === undefined) throw new Error(`unable to parse time '${text}'`);
  return { ns: BigInt(text) * unit, zone: 'UTC' };
}

function toDateInZone(layout: string, zone: string, text: string): GoTime {
  return parseGoTime(layout, text, zoneExists(zone) ? zone : 'UTC') ?? zeroTime;
}

export const timeFunctions: Readonly<Record<string, TemplateFunction>> = {
  now: anyFunction(0, 0, () => ({ ns: BigInt(Date.now()) * 1_000_000n, zone: 'UTC' })),
  date: anyFunction(2, 2, ([layout, time]) => formatGoTime(asTime(time), asText(layout))),
  toDate: anyFunction(2, 2, ([layout, text]) => parseGoTime(asText(layout), asText(text), 'UTC') ?? zeroTime),
  toDateInZone: anyFunction(3, 3, ([layout, zone, text]) => toDateInZone(asText(layout), asText(zone), asText(text))),
  unixEpoch: anyFunction(1, 1, ([time]) => String(asTime(time).ns / 1_000_000_000n)),
  unixEpochMillis: anyFunction(1, 1, ([time]) => String(asTime(time).ns / 1_000_000n)),
  unixEpochNanos: anyFunction(1, 1, ([time]) => String(asTime(time).ns)),
  unixToTime: anyFunction(1, 1, ([text]) => unixToTime(asText(text))),
  __timestamp__: anyFunction(0, 0, (_, input) => ({ ns: input.timeNs, zone: 'UTC' })),
};
