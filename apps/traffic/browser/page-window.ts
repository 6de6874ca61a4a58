// A stand-in for the window of one page: the parts that the page's telemetry (`@mario/instrumentation`, `web/`) uses, and
// by which the simulation tells it what happened.

import type { Device } from './device.ts';
import type { PageTiming } from './page-timing.ts';

type Entry = Readonly<Record<string, string | number | boolean>>;
type Watcher = (list: { getEntries(): readonly Entry[] }) => void;

export interface PageWindowParts {
  readonly url: string;
  readonly html: string;
  readonly device: Device;
  readonly timing: PageTiming;
  /** Milliseconds since 1970 when the page was asked for. */
  readonly openedAtMs: number;
  readonly fetch: (input: string | URL, init?: RequestInit) => Promise<unknown>;
  /** Of the tab: it outlives the page. */
  readonly sessionStorage: Pick<Map<string, string>, 'get' | 'set'>;
}

const ENTRY_TYPES = ['paint', 'largest-contentful-paint', 'layout-shift', 'event', 'first-input'];

class PageDocument extends EventTarget {
  readonly #html: string;
  readyState = 'loading';
  visibilityState = 'visible';

  constructor(html: string) {
    super();
    this.#html = html;
  }

  /** Knows the one question that is asked: `meta[name="…"]`. */
  querySelector(selector: string): { getAttribute(name: string): string | null } | null {
    const name = /^meta\[name="([\w-]+)"\]$/.exec(selector)?.[1];
    if (name === undefined) throw new Error(`BUG: a simulated page cannot find ${selector}`);
    const content = new RegExp(`<meta name="${name}" content="([^"]*)"`).exec(this.#html)?.[1];
    return content === undefined ? null : { getAttribute: () => content };
  }
}

export class PageWindow extends EventTarget {
  readonly document: PageDocument;
  readonly location: Pick<URL, 'href' | 'origin' | 'hostname' | 'port'>;
  readonly navigator: { readonly userAgent: string; readonly language: string };
  readonly performance: object;
  readonly PerformanceObserver: unknown;
  readonly sessionStorage: object;
  /** The telemetry puts its own in place of it. */
  fetch: PageWindowParts['fetch'];
  readonly #timing: PageTiming;
  readonly #watchers = new Map<string, Watcher[]>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #interactions = 0;

  constructor({ url, html, device, timing, openedAtMs, fetch, sessionStorage }: PageWindowParts) {
    super();
    this.#timing = timing;
    this.fetch = fetch;
    this.document = new PageDocument(html);
    this.location = new URL(url);
    this.navigator = { userAgent: device.userAgent, language: device.language };
    this.sessionStorage = {
      getItem: (key: string) => sessionStorage.get(key) ?? null,
      setItem: (key: string, value: string) => sessionStorage.set(key, value),
    };
    const interactions = () => this.#interactions;
    this.performance = {
      timeOrigin: openedAtMs,
      now: () => Date.now() - openedAtMs,
      getEntriesByType: (type: string) => this.#entries(type),
      get interactionCount() {
        return interactions();
      },
    };
    this.PerformanceObserver = this.#observerClass();
  }

  setTimeout(run: () => void, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs).unref();
    this.#timers.add(timer);
  }

  /** The page is there: its paints are told, then its load. */
  load(): void {
    const { firstContentfulPaintMs, largestContentfulPaintMs, layoutShift } = this.#timing;
    this.#report('paint', { name: 'first-contentful-paint', startTime: firstContentfulPaintMs });
    this.#report('largest-contentful-paint', { startTime: largestContentfulPaintMs });
    if (layoutShift > 0) {
      this.#report('layout-shift', { startTime: largestContentfulPaintMs, value: layoutShift, hadRecentInput: false });
    }
    this.document.readyState = 'complete';
    this.dispatchEvent(new Event('load'));
  }

  /** A click or a key, and how long the page took to show that it noticed. */
  interact(durationMs: number): void {
    this.dispatchEvent(new Event('click'));
    this.#interactions += 1;
    const entry = { interactionId: this.#interactions, duration: durationMs };
    if (this.#interactions === 1) this.#report('first-input', entry);
    this.#report('event', entry);
  }

  fail(error: Error): void {
    this.dispatchEvent(Object.assign(new Event('error'), { error, message: error.message }));
  }

  /** Another page is opened, or the tab is closed: what the page wanted to do later does not happen. */
  leave(): void {
    this.document.visibilityState = 'hidden';
    this.document.dispatchEvent(new Event('visibilitychange'));
    this.dispatchEvent(new Event('pagehide'));
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #entries(type: string): readonly object[] {
    const { navigation, resources, firstContentfulPaintMs } = this.#timing;
    if (type === 'navigation') return [navigation];
    if (type === 'resource') return resources;
    return type === 'paint' ? [{ name: 'first-contentful-paint', startTime: firstContentfulPaintMs }] : [];
  }

  #report(type: string, entry: Entry): void {
    for (const watcher of this.#watchers.get(type) ?? []) watcher({ getEntries: () => [entry] });
  }

  #observerClass(): unknown {
    const watchers = this.#watchers;
    return class {
      static readonly supportedEntryTypes = ENTRY_TYPES;
      readonly #watcher: Watcher;

      constructor(watcher: Watcher) {
        this.#watcher = watcher;
      }

      observe({ type }: { readonly type: string }): void {
        watchers.set(type, [...(watchers.get(type) ?? []), this.#watcher]);
      }
    };
  }
}
