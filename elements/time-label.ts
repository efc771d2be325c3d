import type { Strings } from './strings.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs more than all its uses: one for each language and kind. */
function format(language: string | undefined, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${name}`;
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(language, options)));
  return made;
}

/** Whole days between two moments, by the calendar of this place. */
function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000);
}

/** The time of day. */
export function clockTime(at: number, language: string | undefined): string {
  return format(language, 'clock', { hour: 'numeric', minute: '2-digit' }).format(at);
}

/** Short, for a list: the time today, then "Yesterday", the weekday, the date. */
export function shortTime(at: number, now: number, language: string | undefined, strings: Strings): string {
  const date = new Date(at);
  const days = daysBetween(date, new Date(now));
  if (days <= 0) return clockTime(at, language);
  if (days === 1) return strings.yesterday;
  if (days < 7) return format(language, 'weekday', { weekday: 'short' }).format(date);
  if (date.getFullYear() === new Date(now).getFullYear()) return format(language, 'day', { day: 'numeric', month: 'short' }).format(date);
  return format(language, 'date', { day: 'numeric', month: 'numeric', year: '2-digit' }).format(date);
}

/** A day in full, for a separator: "Today", "Yesterday", "Monday, 2 March". */
export function dayLabel(at: number, now: number, language: string | undefined, strings: Strings): string {
  const date = new Date(at);
  const days = daysBetween(date, new Date(now));
  if (days === 0) return strings.today;
  if (days === 1) return strings.yesterday;
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  return isThisYear
    ? format(language, 'long-day', { weekday: 'long', day: 'numeric', month: 'long' }).format(date)
    : format(language, 'long-date', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(date);
}

/** Everything, for a tooltip and for `<time>`. */
export function fullTime(at: number, language: string | undefined): string {
  return format(language, 'full', { dateStyle: 'full', timeStyle: 'short' }).format(at);
}
