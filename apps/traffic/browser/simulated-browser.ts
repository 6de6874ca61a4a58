// A browser tab of a simulated person: pages are opened, what they fetch carries trace context, and the telemetry of the
// real pages runs in them and tells the collector how they did. Nothing is drawn.

import { startPageTelemetry } from '@mario/instrumentation/page-telemetry';
import type { Pace } from '../pace.ts';
import type { Answer, PizzeriaApi, RequestHeaders } from '../pizzeria-client.ts';
import type { Random } from '../random.ts';
import type { CollectorDoor } from './collector-door.ts';
import { type Device, deviceOf } from './device.ts';
import { interactionDelayOf, timingOf } from './page-timing.ts';
import { PageWindow } from './page-window.ts';

export interface BrowserParts {
  readonly api: PizzeriaApi;
  readonly baseUrl: string;
  readonly pace: Pace;
  readonly random: Random;
  readonly collector: CollectorDoor;
}

const NOBODY: Answer<never> = { status: 0, body: undefined };
/** One page in so many has a script that stumbles, over an extension or over a browser of another age. */
const PAGES_PER_ERROR = 120;

export class SimulatedBrowser implements PizzeriaApi {
  readonly #parts: BrowserParts;
  readonly #device: Device;
  readonly #sessionStorage = new Map<string, string>();
  #page: PageWindow | undefined;
  #isFirst = true;

  constructor(parts: BrowserParts) {
    this.#parts = parts;
    this.#device = deviceOf(parts.random);
  }

  get<T>(path: string, headers?: RequestHeaders): Promise<Answer<T>> {
    return isPage(path) ? this.#open(path, headers) : this.#fetch('GET', path, undefined, headers);
  }

  put<T>(path: string, body?: object, headers?: RequestHeaders): Promise<Answer<T>> {
    this.#interact();
    return this.#fetch('PUT', path, body, headers);
  }

  post<T>(path: string, body: object | string, headers?: RequestHeaders): Promise<Answer<T>> {
    this.#interact();
    return this.#fetch('POST', path, body, headers);
  }

  watch(path: string, realMs: number, headers?: RequestHeaders): Promise<void> {
    return this.#parts.api.watch(path, realMs, headers);
  }

  /** The tab is closed; what the last page has to say leaves with it. */
  close(): void {
    this.#page?.leave();
    this.#page = undefined;
  }

  async #open<T>(path: string, headers: RequestHeaders | undefined): Promise<Answer<T>> {
    const { api, baseUrl, random } = this.#parts;
    // Somebody clicked a link on the page before.
    this.#interact();
    this.close();
    const openedAtMs = Date.now();
    const beganMs = performance.now();
    const answer = await api.get<T>(path, headers);
    if (answer.text === undefined) return answer;
    const serverMs = performance.now() - beganMs;
    const loaded = { url: new URL(path, baseUrl).href, html: answer.text, serverMs, isFirst: this.#isFirst };
    const timing = timingOf(loaded, this.#device, random);
    const page = new PageWindow({
      ...{ url: loaded.url, html: loaded.html, timing, openedAtMs },
      device: this.#device,
      sessionStorage: this.#sessionStorage,
      fetch: (input, init) => this.#send(String(input), init),
    });
    this.#isFirst = false;
    this.#page = page;
    startPageTelemetry(page);
    // Nobody clicks before there is something to see; a page loads no faster on a faster day.
    await this.#realWait(timing.navigation.loadEventEnd - serverMs);
    page.load();
    if (random.chance(1 / PAGES_PER_ERROR)) page.fail(stumble(loaded.url));
    return answer;
  }

  async #realWait(ms: number): Promise<void> {
    const { pace } = this.#parts;
    await pace.wait(ms / pace.realMs(1));
  }

  #interact(): void {
    this.#page?.interact(interactionDelayOf(this.#device, this.#parts.random));
  }

  /** By the page that is open, so that the telemetry sees it; before the first one there is nothing to see. */
  async #fetch<T>(method: string, path: string, body?: object | string, headers?: RequestHeaders): Promise<Answer<T>> {
    const url = new URL(path, this.#parts.baseUrl).href;
    const init = { method, ...(headers && { headers }), ...(body !== undefined && { body: body as never }) };
    try {
      const send = this.#page?.fetch ?? ((input: string, own: RequestInit) => this.#send(input, own));
      return (await send(url, init)) as Answer<T>;
    } catch {
      return NOBODY as Answer<T>;
    }
  }

  /** What the page has for `fetch`: the house is asked, and whatever goes elsewhere is for the collector. */
  async #send(url: string, init: RequestInit = {}): Promise<unknown> {
    const { api, baseUrl, collector } = this.#parts;
    const { origin, pathname, search } = new URL(url);
    if (origin !== new URL(baseUrl).origin) return collector.send(url, init);
    const { method = 'GET', headers, body } = init;
    const shown = Object.fromEntries(new Headers(headers));
    const path = pathname + search;
    await this.#realWait(this.#device.roundTripMs);
    const answer = await this.#ask(api, method, path, body as object | undefined, shown);
    // As fetch has it: no answer is an error of the network.
    if (answer.status === 0) throw new TypeError('Failed to fetch');
    return answer;
  }

  #ask(api: PizzeriaApi, method: string, path: string, body: object | undefined, headers: RequestHeaders) {
    if (method === 'POST') return api.post(path, body ?? {}, headers);
    return method === 'PUT' ? api.put(path, body, headers) : api.get(path, headers);
  }
}

function isPage(path: string): boolean {
  return !path.startsWith('/api/') || path === '/api/docs';
}

function stumble(url: string): Error {
  const error = new TypeError("Cannot read properties of null (reading 'dataset')");
  error.stack = `TypeError: ${error.message}\n    at draw (${new URL('/assets/basket.js', url).href}:31:20)`;
  return error;
}
