const forms = [
  /^\d{4}-(\d{1,2})-(\d{1,2})[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[+-](\d\d):(\d\d))$/,
  /^\d{4}-(\d{1,2})-(\d{1,2}) +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?$/,
  /^\d{4}-(\d{1,2})-(\d{1,2})$/,
];

/** Whether a plain text would be taken for a point in time by BOSH's YAML: it stays a string, yet is quoted on the way out. */
export function isTimestamp(text: string): boolean {
  if (!/^\d{4}-/.test(text)) return false;
  for (const form of forms) {
    const match = form.exec(text);
    if (!match) continue;
    const [month = 0, day = 0, hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] = match.slice(1).map((part) => Number(part ?? 0));
    const validDay = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(Number(text.slice(0, 4)), month);
    if (validDay && hour < 24 && minute < 60 && second < 60 && zoneHour <= 24 && zoneMinute <= 60) return true;
  }
  return false;
}

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (month === 2) return leap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
