/**
 * Dates and times in the words of the reader's language. Making an Intl formatter costs more than using one a thousand times,
 * so each is made once per locale.
 */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(locale: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale ?? ''} ${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (!found) formatters.set(key, (found = new Intl.DateTimeFormat(locale, options)));
  return found;
}

/** "14:05", or "2:05 PM" where people write it so. */
export function formatClock(at: number, locale?: string): string {
  return formatter(locale, { hour: 'numeric', minute: '2-digit' }).format(at);
}

/** All of it, for a tooltip: "Monday, 23 November 2026 at 14:05". */
export function formatMoment(at: number, locale?: string): string {
  return formatter(locale, { dateStyle: 'full', timeStyle: 'short' }).format(at);
}

/** "Today", "Yesterday", a weekday of the last week, and then the date, with its year where it is not this one. */
export function formatDay(at: number, now: number, locale?: string): string {
  const daysAgo = daysBetween(at, now);
  if (daysAgo === 0 || daysAgo === 1) return capitalise(relativeDay(locale).format(-daysAgo, 'day'), locale);
  if (daysAgo > 1 && daysAgo < 7) return capitalise(formatter(locale, { weekday: 'long' }).format(at), locale);
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  const date: Intl.DateTimeFormatOptions = { weekday: 'short', day: 'numeric', month: 'long' };
  return capitalise(formatter(locale, sameYear ? date : { ...date, year: 'numeric' }).format(at), locale);
}

const relativeDays = new Map<string, Intl.RelativeTimeFormat>();

function relativeDay(locale: string | undefined): Intl.RelativeTimeFormat {
  const key = locale ?? '';
  let found = relativeDays.get(key);
  if (!found) relativeDays.set(key, (found = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })));
  return found;
}

/** Midnights between two moments; a day of 23 or 25 hours counts as one. */
function daysBetween(at: number, now: number): number {
  const dayOf = (time: number): number => {
    const date = new Date(time);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  };
  return Math.round((dayOf(now) - dayOf(at)) / 86_400_000);
}

function capitalise(text: string, locale: string | undefined): string {
  const first = String.fromCodePoint(text.codePointAt(0) ?? 32);
  return first.toLocaleUpperCase(locale) + text.slice(first.length);
}
