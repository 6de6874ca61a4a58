/** The colour of a service within a trace: by order of appearance, each told apart from its neighbours in both themes. */

const PALETTE = [
  'light-dark(#c2512f, #ff9270)',
  'light-dark(#2f6fb0, #74b3f2)',
  'light-dark(#3b8457, #74cd98)',
  'light-dark(#8b56a8, #c99ae6)',
  'light-dark(#a67a14, #e9bf55)',
  'light-dark(#23838a, #63ccd2)',
  'light-dark(#a84671, #f08cb8)',
  'light-dark(#6b6558, #b5af9f)',
] as const;

export function serviceColor(index: number): string {
  return PALETTE[Math.max(0, index) % PALETTE.length]!;
}
