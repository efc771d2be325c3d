import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatDay } from '../../../elements/renderers/times.ts';

const now = new Date(2026, 2, 10, 9).getTime();
const daysBefore = (days: number): number => new Date(2026, 2, 10 - days, 23, 59).getTime();

describe('names of days', () => {
  it('today and yesterday by the calendar, not by hours', () => {
    assert.equal(formatDay(daysBefore(0), now, 'en'), 'Today');
    assert.equal(formatDay(daysBefore(1), now, 'en'), 'Yesterday');
    assert.equal(formatDay(daysBefore(1), now, 'de'), 'Gestern');
  });

  it('weekdays of the last week, then dates, with the year where it is another', () => {
    assert.equal(formatDay(daysBefore(2), now, 'en'), 'Sunday');
    assert.equal(formatDay(daysBefore(6), now, 'en'), 'Wednesday');
    assert.match(formatDay(daysBefore(7), now, 'en'), /March 3/);
    assert.match(formatDay(new Date(2024, 1, 29).getTime(), now, 'en'), /2024/);
  });

  it('a time ahead of this clock is a date, never "in two days"', () => {
    assert.match(formatDay(daysBefore(-2), now, 'en'), /March 12/);
  });
});
