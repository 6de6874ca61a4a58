/** A stack inside a test: start it, send telemetry to it with any OpenTelemetry SDK, ask it, assert. */
export {
  eventually,
  type FoundTrace,
  json,
  type LogLine,
  logql,
  promql,
  sumOf,
  traceql,
  type Vector,
} from './asking.ts';
export { freePortOffset, startTestStack, type TestStack, type TestStackOptions } from './test-stack.ts';
