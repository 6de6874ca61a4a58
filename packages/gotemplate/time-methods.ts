/** The methods of Go's time.Time that templates call, on times that functions give (`toTime`, `now`). */
import { formatGoTime, type GoTime } from './go-time.ts';
import type { Value } from './value.ts';

interface TimeMethod {
  /** Of its arguments, all of which are text or times. */
  readonly arity: number;
  readonly call: (time: GoTime, args: readonly Value[]) => Value;
}

const NS_PER_SECOND = 1_000_000_000n;

const method = (arity: number, call: TimeMethod['call']): TimeMethod => ({ arity, call });
/** A number that a layout prints. */
const part = (layout: string) => method(0, (time) => BigInt(formatGoTime(time, layout).trim()));
/** Rounded towards the past, as the first second of 1970 begins at 0. */
const since1970 = (unitNs: bigint) => method(0, ({ ns }) => (ns - (((ns % unitNs) + unitNs) % unitNs)) / unitNs);
const compared = (holds: (a: bigint, b: bigint) => boolean) =>
  method(1, (time, [other]) => holds(time.ns, timeOf(other).ns));

const METHODS: ReadonlyMap<string, TimeMethod> = new Map(
  Object.entries({
    Format: method(1, (time, [layout]) => formatGoTime(time, textOf(layout))),
    String: method(0, (time) => formatGoTime(time, '2006-01-02 15:04:05.999999999 -0700 MST')),
    UTC: method(0, ({ ns }) => ({ ns, zone: 'UTC' })),
    Unix: since1970(NS_PER_SECOND),
    UnixMilli: since1970(1_000_000n),
    UnixMicro: since1970(1_000n),
    UnixNano: since1970(1n),
    Year: part('2006'),
    // Go's months and days of the week are numbers that print as their names.
    Month: method(0, (time) => formatGoTime(time, 'January')),
    Weekday: method(0, (time) => formatGoTime(time, 'Monday')),
    Day: part('2'),
    YearDay: part('002'),
    Hour: part('15'),
    Minute: part('4'),
    Second: part('5'),
    Nanosecond: method(0, ({ ns }) => ((ns % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND),
    Before: compared((a, b) => a < b),
    After: compared((a, b) => a > b),
    Equal: compared((a, b) => a === b),
    IsZero: method(0, () => false),
  }),
);

/** Undefined when there is no such method. Throws what Go says of wrong arguments. */
export function timeMethod(time: GoTime, name: string, args: readonly Value[]): Value {
  const found = METHODS.get(name);
  if (found === undefined) return undefined;
  if (args.length !== found.arity) {
    throw new Error(`wrong number of args for ${name}: want ${found.arity} got ${args.length}`);
  }
  return found.call(time, args);
}

function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  throw new Error(`wrong type for value; expected string; got ${typeof value === 'bigint' ? 'int' : typeof value}`);
}

function timeOf(value: Value): GoTime {
  if (typeof value === 'object' && value !== null && 'ns' in value) return value;
  throw new Error('wrong type for value; expected time.Time');
}
