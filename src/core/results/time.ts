/** 9999-12-31T23:59:59.999Z: the last time that every format writes with four digits for the year. */
const last = 253_402_300_799_999;

/** Whether a number is a time that can be shown and written: whole milliseconds since the epoch, before the year 10,000. */
export const isTime = (at: number): boolean => Number.isInteger(at) && at >= 0 && at <= last;
