// and, or, unless: by the presence of a match on the other side.
import type { StepSeries, Steps } from '../engine/value.ts';
import type { Binary } from '../parse/ast.ts';
import { signatureOf } from './signature.ts';

export function setOperation(
  node: Binary,
  left: readonly StepSeries[],
  right: readonly StepSeries[],
  steps: Steps,
): StepSeries[] {
  const signature = signatureOf(node.matching!);
  switch (node.op) {
    case 'and':
      return filterBy(left, presenceBySignature(right, signature, steps), signature, steps, true);
    case 'unless':
      return filterBy(left, presenceBySignature(right, signature, steps), signature, steps, false);
    case 'or': {
      const rest = filterBy(right, presenceBySignature(left, signature, steps), signature, steps, false);
      return [...left, ...rest];
    }
    default:
      throw new Error(`BUG: ${node.op} is no set operator`);
  }
}

type Signature = (series: StepSeries) => string;

function presenceBySignature(
  series: readonly StepSeries[],
  signature: Signature,
  steps: Steps,
): ReadonlyMap<string, Uint8Array> {
  const masks = new Map<string, Uint8Array>();
  for (const one of series) {
    const key = signature(one);
    const mask = masks.get(key);
    if (mask === undefined) {
      masks.set(key, one.presence);
      continue;
    }
    const joined = new Uint8Array(steps.count);
    for (let step = 0; step < steps.count; step++) joined[step] = mask[step]! | one.presence[step]!;
    masks.set(key, joined);
  }
  return masks;
}

/** The samples whose signature is present on the other side, or (`wanted` false) is not. */
function filterBy(
  series: readonly StepSeries[],
  masks: ReadonlyMap<string, Uint8Array>,
  signature: Signature,
  steps: Steps,
  wanted: boolean,
): StepSeries[] {
  const out: StepSeries[] = [];
  for (const one of series) {
    const mask = masks.get(signature(one));
    if (mask === undefined) {
      if (!wanted) out.push(one);
      continue;
    }
    const presence = new Uint8Array(steps.count);
    let points = 0;
    for (let step = 0; step < steps.count; step++) {
      if (one.presence[step] !== 0 && (mask[step] !== 0) === wanted) {
        presence[step] = one.presence[step]!;
        points++;
      }
    }
    if (points > 0) out.push({ ...one, presence, points });
  }
  return out;
}
