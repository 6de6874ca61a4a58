/** The few symbols of the page, drawn on a 16 × 16 grid. */

const PATHS = {
  user: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-6 6c.6-3 3-4.500 6-4.500s5.400 1.500 6 4.500',
  theme: 'M8 1.500a6.500 6.500 0 1 0 0 13Zm0 0a6.500 6.500 0 0 1 0 13',
  chevron: 'm4 6 4 4 4-4',
  chevronRight: 'm6 4 4 4-4 4',
  refresh: 'M13.500 8A5.500 5.500 0 1 1 11.600 3.800M13.500 1.500v3.500H10',
  clock: 'M8 14.500a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13ZM8 4.500V8l2.500 1.500',
  more: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  close: 'm4 4 8 8m0-8-8 8',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.500-1.500L14 14',
  info: 'M8 14.500a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13ZM8 7.500V11M8 5h.01',
  warning: 'M8 2 1.500 13.500h13ZM8 6.500v3.500m0 2h.01',
  check: 'm3 8.500 3.500 3.500L13 4.500',
  zoomOut: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.500-1.500L14 14M5 7h4',
  back: 'm9.500 3.500-4.500 4.500 4.500 4.500',
  external: 'M6.500 3.500h-3v9h9v-3M9 3h4v4M13 3 7.500 8.500',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.2 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
