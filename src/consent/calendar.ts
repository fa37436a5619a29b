/** A calendar day (YYYY-MM-DD) so many days later. The 31st of a shorter month, which stands for its end, is the first days of the next. */
export function addDays(day: string, days: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1, date + days)).toISOString().slice(0, 10);
}

/** A calendar day so many months later; where that month is shorter, its last day. */
export function addMonths(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10);
}

/** The day on which somebody born on a calendar day becomes so many years old, as `ageOn` counts: born on 29 February, 1 March where the year has none. */
export const birthday = (birthDay: string, age: number): string => {
  const [year = 0, month = 1, date = 1] = birthDay.split('-').map(Number);
  return new Date(Date.UTC(year + age, month - 1, date)).toISOString().slice(0, 10);
};
