/** The samplers that OTEL_TRACES_SAMPLER names. */
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

/** `warn` is told what was not understood; the default, `parentbased_always_on`, then holds. */
export function createSampler(name: string, argument: string | undefined, warn: (message: string) => void): Sampler {
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio(argument, warn));
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio(argument, warn)) });
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    default:
      warn(`OTEL_TRACES_SAMPLER=${name} is not supported; using parentbased_always_on`);
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
  }
}

function ratio(argument: string | undefined, warn: (message: string) => void): number {
  if (argument === undefined) return 1;
  const value = Number(argument);
  if (value >= 0 && value <= 1) return value;
  warn(`OTEL_TRACES_SAMPLER_ARG=${argument} is not a number from 0 to 1; sampling everything`);
  return 1;
}
