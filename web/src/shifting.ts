// Between WGS-84, which addresses and browsers speak, and the base map's own system.

import type { Crs, Position } from "./config";

export interface Shift {
  toMap: (wgs84: Position) => Position;
  fromMap: (position: Position) => Position;
}

/** The formulas are loaded only where the base map needs them. */
export async function shifting(crs: Crs): Promise<Shift> {
  if (crs === "wgs84") return { toMap: (p) => p, fromMap: (p) => p };
  const { fromWgs84, toWgs84 } = await import("./crs");
  return { toMap: (p) => fromWgs84(p, crs), fromMap: (p) => toWgs84(p, crs) };
}
