import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english } from '../../elements/strings.ts';
import { dayLabel, shortTime } from '../../elements/time-label.ts';

const now = new Date(2026, 10, 23, 9, 30).getTime();
const short = (...date: [number, number, number, number, number]): string => shortTime(new Date(...date).getTime(), now, 'en-GB', english);
// Versions of ICU differ in a comma.
const day = (...date: [number, number, number]): string => dayLabel(new Date(...date).getTime(), now, 'en-GB', english).replace(',', '');

test('short: the clock today, then "Yesterday", the weekday, the date, and the year where it is another', () => {
  assert.equal(short(2026, 10, 23, 0, 5), '0:05');
  assert.equal(short(2026, 10, 22, 23, 59), 'Yesterday');
  assert.equal(short(2026, 10, 18, 12, 0), 'Wed');
  assert.equal(short(2026, 10, 16, 12, 0), '16 Nov');
  assert.equal(short(2025, 10, 23, 12, 0), '23/11/25');
});

test('days are those of the calendar, not of 24 hours', () => {
  assert.equal(short(2026, 10, 22, 9, 45), 'Yesterday');
  assert.equal(day(2026, 10, 23), 'Today');
  assert.equal(day(2026, 10, 22), 'Yesterday');
});

test('a clock that is a little ahead does not make tomorrow of today', () => {
  assert.equal(shortTime(now + 60_000, now, 'en-GB', english), '9:31');
});

test('days are written out in a separator, with the year where it is another', () => {
  assert.equal(day(2026, 10, 2), 'Monday 2 November');
  assert.equal(day(2025, 10, 2), 'Sunday 2 November 2025');
});
