// Draws a pizza as SVG from what is on it, the same every time for the same pizza.

import type { Pizza } from '../domain/pizza.ts';

/** Half the width of the drawing; everything is placed around its centre. */
const CENTRE = 200;
const CRUST_RADIUS = 190;
const SAUCE_RADIUS = 160;
/** How far from the centre the middle of a topping may lie. */
const TOPPING_RADIUS = 138;
/** Tries to find a free place before a topping is left out. */
const PLACE_TRIES_MAX = 60;

type Random = () => number;
type Drawing = (random: Random) => string;

interface Scatter {
  readonly count: number;
  /** Room that one needs around its middle. */
  readonly room: number;
  readonly draw: Drawing;
}

/** An SVG document of 400 × 400. */
export function pizzaArt(pizza: Pick<Pizza, 'id' | 'toppings'>): string {
  const random = randomOf(pizza.id);
  const white = !pizza.toppings.includes('tomato');
  const layers = pizza.toppings.map((topping) => SCATTERS[topping]).filter((scatter) => scatter !== undefined);
  const taken: Place[] = [];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">`,
    gradients(white),
    `<ellipse cx="200" cy="210" rx="188" ry="184" fill="#2b1408" opacity=".22"/>`,
    crust(random),
    `<path d="${wobble(SAUCE_RADIUS, 3, random)}" fill="url(#sauce)"/>`,
    pizza.toppings.some((topping) => topping.includes('mozzarella')) || white ? melted(random, white) : '',
    ...layers.map((scatter) => scattered(scatter, taken, random)),
    `<path d="${wobble(SAUCE_RADIUS, 3, random)}" fill="url(#shine)"/>`,
    '</svg>',
  ].join('');
}

function gradients(white: boolean): string {
  const [light, dark] = white ? ['#fbe9b7', '#e9c46f'] : ['#d9482b', '#a8261a'];
  const radial = (id: string, stops: string) =>
    `<radialGradient id="${id}" cx=".42" cy=".38" r=".68">${stops}</radialGradient>`;
  const stop = (offset: number, colour: string, opacity = 1) =>
    `<stop offset="${offset}" stop-color="${colour}" stop-opacity="${opacity}"/>`;
  return [
    '<defs>',
    radial('crust', stop(0.6, '#f2c078') + stop(0.86, '#dd9a4c') + stop(1, '#b26a29')),
    radial('sauce', stop(0, light!) + stop(1, dark!)),
    radial('shine', stop(0, '#fff', 0.16) + stop(0.5, '#fff', 0) + stop(1, '#5a1a08', 0.2)),
    '</defs>',
  ].join('');
}

function crust(random: Random): string {
  let art = `<path d="${wobble(CRUST_RADIUS, 4, random)}" fill="url(#crust)"/>`;
  // Leopard spots: the blisters that a wood fire leaves on the rim.
  for (let index = 0; index < 34; index += 1) {
    const [x, y] = polar(random() * Math.PI * 2, 166 + random() * 18);
    const size = 3 + random() * 8;
    const turn = Math.round(random() * 180);
    const [rx, ry, opacity] = [round(size), round(size * 0.62), round(0.2 + random() * 0.4)];
    art += `<ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${ry}" transform="rotate(${turn} ${x} ${y})" fill="#6d3512" opacity="${opacity}"/>`;
  }
  return art;
}

function melted(random: Random, white: boolean): string {
  let art = '';
  for (let index = 0; index < 16; index += 1) {
    const [x, y] = polar(random() * Math.PI * 2, Math.sqrt(random()) * 125);
    const colour = random() > 0.5 ? '#fdf0cc' : '#f8dd9a';
    const opacity = white ? 0.55 : 0.72;
    art += `<path d="${blob(x, y, 22 + random() * 22, random)}" fill="${colour}" opacity="${opacity}"/>`;
  }
  return art;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly room: number;
}

/** Places the drawings so that they touch each other as little as toppings do. */
function scattered({ count, room, draw }: Scatter, taken: Place[], random: Random): string {
  let art = '';
  for (let index = 0; index < count; index += 1) {
    for (let attempt = 0; attempt < PLACE_TRIES_MAX; attempt += 1) {
      const [x, y] = polar(random() * Math.PI * 2, Math.sqrt(random()) * TOPPING_RADIUS);
      if (taken.some((place) => Math.hypot(place.x - x, place.y - y) < (place.room + room) * 0.82)) continue;
      taken.push({ x, y, room });
      art += `<g transform="translate(${x} ${y}) rotate(${Math.round(random() * 360)})">${draw(random)}</g>`;
      break;
    }
  }
  return art;
}

const slice =
  (radius: number, rim: string, face: string, specks: string): Drawing =>
  (random) => {
    let art = `<circle r="${radius + 1.5}" cy="2" fill="#3c0f06" opacity=".35"/><circle r="${radius}" fill="${rim}"/>`;
    art += `<circle r="${radius - 2.5}" fill="${face}"/>`;
    for (let index = 0; index < 7; index += 1) {
      const angle = random() * 6.3;
      const reach = random() * (radius - 6);
      const [x, y] = [round(Math.cos(angle) * reach), round(Math.sin(angle) * reach)];
      art += `<circle cx="${x}" cy="${y}" r="${round(1 + random() * 1.8)}" fill="${specks}" opacity=".75"/>`;
    }
    return art;
  };

const LEAF = 'M0-24C13-15 15 6 0 22C-15 6-13-15 0-24Z';
const leaf: Drawing = () =>
  `<path d="${LEAF}" fill="#1d3d17" opacity=".3" transform="translate(1 3)"/><path d="${LEAF}" fill="#3f7d32"/>` +
  `<path d="M0-20V19M0-8L7-13M0-8L-7-13M0 2L9-3M0 2L-9-3" stroke="#8cbb6f" stroke-width="1.3" fill="none"/>`;

const cheese: Drawing = (random) =>
  `<path d="${blob(0, 3, 25, random)}" fill="#8c3413" opacity=".25"/>` +
  `<path d="${blob(0, 0, 24, random)}" fill="#fff8e6"/><path d="${blob(-3, -3, 12, random)}" fill="#fff" opacity=".8"/>`;

const mushroom: Drawing = () =>
  `<path d="M-19 2C-21-15-9-21 0-21S21-15 19 2C13 6 8 4 7 3L6 17C3 21-3 21-6 17L-7 3C-8 4-13 6-19 2Z" fill="#f0e1c4" stroke="#a98455" stroke-width="2"/>` +
  `<path d="M-12-1C-8-8 8-8 12-1" stroke="#b8925f" stroke-width="2.4" fill="none"/>`;

const ham: Drawing = () =>
  `<path d="M-24-8C-12-18 14-15 23-6C28 2 18 14 4 13C-9 17-26 8-24-8Z" fill="#e9968e"/>` +
  `<path d="M-17-5C-6-11 10-9 17-3M-13 5C-4 1 8 2 14 6" stroke="#f8c9bf" stroke-width="3" fill="none" stroke-linecap="round"/>`;

const olive: Drawing = () =>
  `<circle r="10" cy="1.5" fill="#1a0d0a" opacity=".3"/><circle r="9.5" fill="none" stroke="#2c2433" stroke-width="6.5"/>` +
  `<path d="M-7-7A10 10 0 0 1 3-10" stroke="#8d83a0" stroke-width="2" fill="none" stroke-linecap="round"/>`;

const artichoke: Drawing = () =>
  `<path d="M0-22C12-12 14 8 0 20C-14 8-12-12 0-22Z" fill="#b9bd78"/><path d="M0-22C6-12 7 8 0 20C-7 8-6-12 0-22Z" fill="#d9dba0"/>` +
  `<path d="M-12 2C-6 8-3 14 0 20M12 2C6 8 3 14 0 20" stroke="#7d8448" stroke-width="2" fill="none"/>`;

const strip =
  (colour: string, light: string): Drawing =>
  () =>
    `<path d="M-26 8C-14-14 14-14 26 8" stroke="#3b1108" stroke-opacity=".25" stroke-width="10" fill="none" stroke-linecap="round" transform="translate(0 2.5)"/>` +
    `<path d="M-26 8C-14-14 14-14 26 8" stroke="${colour}" stroke-width="9.5" fill="none" stroke-linecap="round"/>` +
    `<path d="M-20 3C-11-10 6-12 15-5" stroke="${light}" stroke-width="2.4" fill="none" stroke-linecap="round"/>`;

const onion: Drawing = () =>
  `<g fill="none" stroke-linecap="round"><path d="M-19 6A20 20 0 0 1 19 6" stroke="#a6447f" stroke-width="4"/>` +
  `<path d="M-13 8A13.5 13.5 0 0 1 13 8" stroke="#e3b3d2" stroke-width="3.6"/></g>`;

const garlic: Drawing = () =>
  `<path d="M-9-3C-4-9 6-9 10-1C6 6-5 6-9-3Z" fill="#fbf0d2" stroke="#d6ad68" stroke-width="1.6"/>`;

const oregano: Drawing = () => `<path d="M0-6C4-3 4 3 0 6C-4 3-4-3 0-6Z" fill="#5c7d36"/>`;

const chilli: Drawing = () =>
  `<path d="M-17-5C-6 9 8 10 18 3C8 1-3-3-10-12Z" fill="#d5281b"/><path d="M-17-5L-10-12L-16-15Z" fill="#4f7d2b"/>`;

const vein: Drawing = (random) =>
  `<path d="${blob(0, 0, 11, random)}" fill="#7f9aa3" opacity=".62"/><path d="${blob(2, 1, 5, random)}" fill="#54727c" opacity=".7"/>`;

const pepper: Drawing = () => `<circle r="1.9" fill="#3a2414"/>`;

const shaving: Drawing = () =>
  `<path d="M-20 3C-10-7 10-7 20 3C10 5-10 5-20 3Z" fill="#f7dc8a" stroke="#d8a94b" stroke-width="1.2"/>`;

const SCATTERS: Record<string, Scatter> = {
  'fior di latte': { count: 9, room: 26, draw: cheese },
  basil: { count: 6, room: 22, draw: leaf },
  garlic: { count: 26, room: 12, draw: garlic },
  oregano: { count: 70, room: 6, draw: oregano },
  pepperoni: { count: 17, room: 23, draw: slice(22, '#8d1f14', '#c23a25', '#f0a184') },
  gorgonzola: { count: 15, room: 15, draw: vein },
  fontina: { count: 6, room: 26, draw: cheese },
  parmesan: { count: 10, room: 19, draw: shaving },
  mozzarella: { count: 0, room: 0, draw: pepper },
  ham: { count: 9, room: 25, draw: ham },
  mushrooms: { count: 9, room: 22, draw: mushroom },
  artichokes: { count: 6, room: 21, draw: artichoke },
  olives: { count: 10, room: 13, draw: olive },
  'black olives': { count: 11, room: 13, draw: olive },
  peppers: { count: 7, room: 24, draw: strip('#e6a01f', '#fbdd8c') },
  aubergine: { count: 6, room: 23, draw: slice(20, '#43264e', '#d9c79b', '#8c7a4f') },
  courgette: { count: 7, room: 20, draw: slice(17, '#4c7a35', '#d5dea0', '#9fb264') },
  'red onion': { count: 7, room: 19, draw: onion },
  'spicy salame': { count: 12, room: 26, draw: slice(26, '#6f1210', '#ad2418', '#e9805f') },
  chilli: { count: 8, room: 18, draw: chilli },
};

/** A circle as a hand would draw it. */
function wobble(radius: number, unevenness: number, random: Random): string {
  return closedCurve(CENTRE, CENTRE, 28, () => radius + (random() - 0.5) * 2 * unevenness);
}

function blob(x: number, y: number, size: number, random: Random): string {
  return closedCurve(x, y, 7, () => size * (0.72 + random() * 0.5));
}

/** A smooth closed curve through points around a middle: quadratic pieces between the midpoints. */
function closedCurve(x: number, y: number, points: number, radiusAt: () => number): string {
  const corners = Array.from({ length: points }, (_, index) => {
    const angle = (index / points) * Math.PI * 2;
    const radius = radiusAt();
    return [x + Math.cos(angle) * radius, y + Math.sin(angle) * radius] as const;
  });
  const middle = (index: number) => {
    const [left, right] = [corners[index % points]!, corners[(index + 1) % points]!];
    return `${round((left[0] + right[0]) / 2)} ${round((left[1] + right[1]) / 2)}`;
  };
  let path = `M${middle(points - 1)}`;
  for (const [index, corner] of corners.entries()) path += `Q${round(corner[0])} ${round(corner[1])} ${middle(index)}`;
  return `${path}Z`;
}

function polar(angle: number, radius: number): [number, number] {
  return [round(CENTRE + Math.cos(angle) * radius), round(CENTRE + Math.sin(angle) * radius)];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The mulberry32 generator, seeded by a text: the drawing must not change between two visits. */
function randomOf(text: string): Random {
  let state = 0;
  for (const character of text) state = (Math.imul(state, 31) + character.charCodeAt(0)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
