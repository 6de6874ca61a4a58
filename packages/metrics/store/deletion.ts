/**
 * A deletion as it is kept: the samples in a time range of all series that the matchers take, of what was there when it
 * was asked for. A block is immutable, so the same words take the same samples from it at any later time; they need no
 * list of series, and a block need not be read to be deleted from (docs/adr/0025).
 */
import { compileMatcher, type LabelMatcher } from '../model/matcher.ts';

export interface Deletion {
  /** The sequence of its record in the write-ahead log. */
  readonly id: number;
  readonly matchers: readonly LabelMatcher[];
  readonly startMs: number;
  readonly endMs: number;
}

export type DeletionRequest = Omit<Deletion, 'id'>;

/** JSON knows no infinity; beyond these no time can be. */
const TIME_MS_MAX = 8.64e15;

export function encodeDeletion({ matchers, startMs, endMs }: DeletionRequest): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ matchers: plain(matchers), startMs, endMs }));
}

export function decodeDeletion(bytes: Uint8Array, id: number): Deletion {
  return { id, ...(JSON.parse(new TextDecoder().decode(bytes)) as DeletionRequest) };
}

/** With times that every part can hold. */
export function clampDeletion({ matchers, startMs, endMs }: DeletionRequest): DeletionRequest {
  return {
    matchers: plain(matchers),
    startMs: Math.max(-TIME_MS_MAX, Math.ceil(startMs)),
    endMs: Math.min(TIME_MS_MAX, Math.floor(endMs)),
  };
}

/** Those that a manifest entry's `meta` carries: the shape is what this program wrote. */
export function deletionsOf(meta: Readonly<Record<string, unknown>>): readonly Deletion[] {
  return (meta.deletions as readonly Deletion[] | undefined) ?? [];
}

export function withDeletions(
  meta: Readonly<Record<string, unknown>>,
  deletions: readonly Deletion[],
): Readonly<Record<string, unknown>> {
  const { deletions: _before, ...rest } = meta;
  return deletions.length === 0 ? rest : { ...rest, deletions };
}

/** A predicate over label sets, by their values. */
export function deletionTakes(deletion: DeletionRequest): (get: (name: string) => string) => boolean {
  const compiled = deletion.matchers.map((matcher) => ({ name: matcher.name, takes: compileMatcher(matcher) }));
  return (get) => compiled.every(({ name, takes }) => takes(get(name)));
}

function plain(matchers: readonly LabelMatcher[]): LabelMatcher[] {
  return matchers.map(({ name, op, value }) => ({ name, op, value }));
}
