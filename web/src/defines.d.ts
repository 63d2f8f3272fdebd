/** Put in by web/bundle.mjs. */
declare const MAP_STYLE: string;
declare const OUTLINES: Record<"wgs84" | "gcj02" | "bd09", string>;
