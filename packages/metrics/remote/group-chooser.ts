/**
 * Chooses the group of samples that arrive without their target: those of one job and instance share timestamps when a
 * Prometheus forwards its scrapes. Where they do not, each series gets a group of its own, so that rows are not mostly empty.
 */
import type { Labels } from '../model/labels.ts';

interface Seen {
  rows: number;
  samples: number;
  readonly refs: Set<number>;
  scattered: boolean;
}

/** Rows after which the filling of a group is judged. */
const ROWS_JUDGED = 32;
/** A row with less than this share of the group's series is mostly empty. */
const FILLED_SHARE_MIN = 0.2;
/** Small groups waste little. */
const SERIES_MIN = 8;
const GROUPS_MAX = 100_000;

export class GroupChooser {
  readonly #prefix: string;
  readonly #groups = new Map<string, Seen>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  of(labels: Labels, ref: number): string {
    const key = `${this.#prefix} ${labels.get('job')} ${labels.get('instance')}`;
    let seen = this.#groups.get(key);
    if (seen === undefined) {
      if (this.#groups.size >= GROUPS_MAX) this.#groups.delete(this.#groups.keys().next().value!);
      this.#groups.set(key, (seen = { rows: 0, samples: 0, refs: new Set(), scattered: false }));
    }
    if (seen.rows < ROWS_JUDGED) seen.refs.add(ref);
    return seen.scattered ? `${key} #${ref}` : key;
  }

  /** Tells what was written in a group: rows of one request. */
  note(group: string, samples: number): void {
    const seen = this.#groups.get(group);
    if (seen === undefined || seen.rows >= ROWS_JUDGED) return;
    seen.rows++;
    seen.samples += samples;
    if (seen.rows < ROWS_JUDGED) return;
    seen.scattered = seen.refs.size >= SERIES_MIN && seen.samples / seen.rows < FILLED_SHARE_MIN * seen.refs.size;
    seen.refs.clear();
  }
}
