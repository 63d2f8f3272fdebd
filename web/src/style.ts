let loading: Promise<void> | undefined;

/** Load the map's style, once; no page waits for it before it shows its text. */
export function mapStyle(): Promise<void> {
  loading ??= new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = MAP_STYLE;
    link.onload = () => resolve();
    link.onerror = () => reject(new Error(MAP_STYLE));
    document.head.append(link);
  });
  return loading;
}
