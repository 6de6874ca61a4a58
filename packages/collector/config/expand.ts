// `${env:NAME}`, `${NAME}`, `${env:NAME:-default}` and `$$` in the values of a configuration file.
import type { Place } from '@mario/service';

/** References in references, as in `${env:A:-${env:B}}`, end here: a loop would not end by itself. */
const depthMax = 10;

export interface Expansion {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called for what cannot be expanded. */
  readonly error: (place: Place, message: string) => void;
  /** Called for a variable that is not set and has no default: the Collector takes it for empty. */
  readonly unset: (place: Place, name: string) => void;
}

/** Expands the references of one value. */
export function expand(value: string, place: Place, expansion: Expansion, depth = 0): string {
  if (!value.includes('$')) return value;
  if (depth > depthMax) {
    expansion.error(place, `has references nested deeper than ${depthMax}`);
    return value;
  }
  let expanded = '';
  for (let at = 0; at < value.length; ) {
    const dollar = value.indexOf('$', at);
    if (dollar < 0) return expanded + value.slice(at);
    expanded += value.slice(at, dollar);
    if (value[dollar + 1] === '$') {
      expanded += '$';
      at = dollar + 2;
      continue;
    }
    const end = value[dollar + 1] === '{' ? closingBrace(value, dollar + 2) : -1;
    if (end < 0) {
      expanded += '$';
      at = dollar + 1;
      continue;
    }
    expanded += resolve(value.slice(dollar + 2, end), place, expansion, depth);
    at = end + 1;
  }
  return expanded;
}

/** Where the brace that was opened before `from` is closed. */
function closingBrace(value: string, from: number): number {
  let open = 1;
  for (let at = from; at < value.length; at++) {
    if (value[at] === '{' && value[at - 1] === '$') open++;
    else if (value[at] === '}' && --open === 0) return at;
  }
  return -1;
}

function resolve(reference: string, place: Place, expansion: Expansion, depth: number): string {
  const scheme = /^([a-z][a-z0-9+.-]*):(?!-)/i.exec(reference);
  if (scheme !== null && scheme[1] !== 'env') {
    expansion.error(place, `uses the provider '${scheme[1]}', which is not supported here; use \${env:NAME}`);
    return '';
  }
  const rest = scheme === null ? reference : reference.slice(scheme[0].length);
  const split = rest.indexOf(':-');
  const name = split < 0 ? rest : rest.slice(0, split);
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
    expansion.error(
      place,
      `environment variable "${name}" has invalid name: must match regex ^[a-zA-Z_][a-zA-Z0-9_]*$`,
    );
    return '';
  }
  const found = expansion.env[name];
  if (found !== undefined && (found !== '' || split < 0)) return found;
  if (split >= 0) return found ?? expand(rest.slice(split + 2), place, expansion, depth + 1);
  expansion.unset(place, name);
  return '';
}
