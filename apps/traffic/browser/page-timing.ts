// How a page loads on a device: what a browser would have measured. The time that the server took is the real one, so
// that a slow pizzeria is seen in the vitals of its pages; everything else comes from the seed and the device.

import type { Random } from '../random.ts';
import type { Device } from './device.ts';

/** As `PerformanceResourceTiming`, as far as the page's telemetry reads it. Milliseconds since the page was asked for. */
export interface ResourceTiming {
  readonly name: string;
  readonly initiatorType: 'navigation' | 'link' | 'script';
  readonly startTime: number;
  readonly fetchStart: number;
  readonly responseEnd: number;
  readonly encodedBodySize: number;
}

export interface NavigationTiming extends ResourceTiming {
  readonly type: 'navigate';
  readonly responseStart: number;
  readonly domInteractive: number;
  readonly domContentLoadedEventEnd: number;
  readonly domComplete: number;
  readonly loadEventEnd: number;
}

export interface PageTiming {
  readonly navigation: NavigationTiming;
  readonly resources: readonly ResourceTiming[];
  readonly firstContentfulPaintMs: number;
  readonly largestContentfulPaintMs: number;
  /** A score without a unit. */
  readonly layoutShift: number;
}

export interface LoadedPage {
  readonly url: string;
  readonly html: string;
  /** From the request to the last byte of the answer, as it really was. */
  readonly serverMs: number;
  /** The first page of a visit opens the connection and fetches what later ones have. */
  readonly isFirst: boolean;
}

const FILES = /(?:href|src)="(\/assets\/[^"]+\.(?:css|js))"/g;
/** Compressed, as the pizzeria sends them. */
const FILE_BYTES = [700, 6_000] as const;
const CACHED_MS = [1, 4] as const;
/** Of HTML, compressed. */
const COMPRESSION = 0.25;
/** What a laptop takes: to read a page, to draw it, to draw its largest part. */
const PARSE_MS = [4, 18] as const;
const PAINT_MS = [15, 60] as const;
const LARGEST_MS = [20, 220] as const;

export function timingOf(page: LoadedPage, device: Device, random: Random): PageTiming {
  const { url, html, serverMs, isFirst } = page;
  const { roundTripMs, bytesPerMs, slowness } = device;
  const works = (range: readonly [number, number]) => random.whole(range[0], range[1]) * slowness;
  const fetchStart = random.next();
  const connected = fetchStart + (isFirst ? 2 * roundTripMs : 0);
  const responseStart = connected + roundTripMs + serverMs;
  const encodedBodySize = Math.round(html.length * COMPRESSION);
  const responseEnd = responseStart + encodedBodySize / bytesPerMs;
  const resources = [...html.matchAll(FILES)].map(([, path = '']): ResourceTiming => {
    const bytes = random.whole(...FILE_BYTES);
    const took = isFirst ? roundTripMs * (1 + random.next()) + bytes / bytesPerMs : random.whole(...CACHED_MS);
    const begin = responseEnd + random.next() * 3;
    return {
      name: new URL(path, url).href,
      initiatorType: path.endsWith('.css') ? 'link' : 'script',
      ...{ startTime: begin, fetchStart: begin, responseEnd: begin + took },
      encodedBodySize: isFirst ? bytes : 0,
    };
  });
  const filesEnd = Math.max(responseEnd, ...resources.map((each) => each.responseEnd));
  const domInteractive = responseEnd + works(PARSE_MS);
  const firstContentfulPaintMs = Math.max(filesEnd, domInteractive) + works(PAINT_MS);
  const largestContentfulPaintMs = firstContentfulPaintMs + (isFirst ? roundTripMs : 0) + works(LARGEST_MS);
  const domContentLoadedEventEnd = Math.max(filesEnd, domInteractive) + works(PARSE_MS);
  const domComplete = Math.max(domContentLoadedEventEnd, largestContentfulPaintMs - random.next() * 10);
  const navigation: NavigationTiming = {
    ...{ name: url, initiatorType: 'navigation', type: 'navigate', startTime: 0, fetchStart, encodedBodySize },
    ...{ responseStart, responseEnd, domInteractive, domContentLoadedEventEnd, domComplete },
    loadEventEnd: domComplete + random.next() * slowness,
  };
  const layoutShift = layoutShiftOf(random);
  return { navigation, resources, firstContentfulPaintMs, largestContentfulPaintMs, layoutShift };
}

/** Most pages stand still, some jump a little, and one in twenty when a picture comes late. */
function layoutShiftOf(random: Random): number {
  const luck = random.next();
  if (luck < 0.6) return 0;
  return luck < 0.95 ? random.next() * 0.06 : 0.1 + random.next() * 0.2;
}

/** From a click or a key to the next picture, in milliseconds; browsers report multiples of eight. */
export function interactionDelayOf({ slowness }: Device, random: Random): number {
  return Math.max(8, Math.round(((10 + random.exponential(22)) * slowness) / 8) * 8);
}
