// Calendars in UTC for any number of seconds: Go's, which wraps around where 64 bits end, and so answers for NaN as well.

export interface CalendarDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly dayOfYear: number;
  /** 0 is Sunday. */
  readonly dayOfWeek: number;
  readonly daysInMonth: number;
  readonly hour: number;
  readonly minute: number;
}

const DAY_SECONDS = 86_400;
const DAYS_IN_400_YEARS = 146_097;
/** Go counts seconds without sign from the first of March of this many years before 1970. */
const YEARS_BEFORE = 292_277_022_400;
/** From then to 1970: those years, from the year zero to 1970, and March to December. */
const DAYS_BEFORE = (YEARS_BEFORE / 400) * DAYS_IN_400_YEARS + 719_162 + 306;
const SECONDS_BEFORE = BigInt(DAYS_BEFORE) * BigInt(DAY_SECONDS);
const INT64_LIMIT = 2 ** 63;

export function calendarDate(seconds: number): CalendarDate {
  const { days, secondOfDay } = split(seconds);
  // Years that begin with March, so that leap days are their last ones.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / DAYS_IN_400_YEARS);
  const dayOfEra = shifted - era * DAYS_IN_400_YEARS;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayFromMarch = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayFromMarch + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const leap = isLeap(year);
  const dayOfYear = monthFromMarch < 10 ? dayFromMarch + (leap ? 61 : 60) : dayFromMarch - 305;
  return {
    year,
    month,
    day: dayFromMarch - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
    dayOfYear,
    dayOfWeek: (((4 + days) % 7) + 7) % 7,
    daysInMonth: month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31,
    hour: Math.floor(secondOfDay / 3600),
    minute: Math.floor((secondOfDay % 3600) / 60),
  };
}

/** Whole seconds, as Go converts to an integer of 64 bits: what does not fit is the least of them. */
function split(seconds: number): { readonly days: number; readonly secondOfDay: number } {
  const whole = Math.trunc(seconds);
  if (Number.isSafeInteger(whole)) {
    const days = Math.floor(whole / DAY_SECONDS);
    return { days, secondOfDay: whole - days * DAY_SECONDS };
  }
  const fits = whole >= -INT64_LIMIT && whole < INT64_LIMIT;
  const absolute = BigInt.asUintN(64, (fits ? BigInt(whole) : -(2n ** 63n)) + SECONDS_BEFORE);
  return {
    days: Number(absolute / BigInt(DAY_SECONDS)) - DAYS_BEFORE,
    secondOfDay: Number(absolute % BigInt(DAY_SECONDS)),
  };
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
