// Days as they are in the city, wherever the phone is.

const FORMAT = new Intl.DateTimeFormat("zh-CN", { dateStyle: "long", timeZone: "Asia/Shanghai" });

/** 2026年11月24日: the day of a moment (milliseconds since 1970). */
export const day = (moment: number): string => FORMAT.format(moment);
