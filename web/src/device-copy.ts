// What this device keeps of a text while the server can't have it. The key names account and text, so
// that nobody is shown another's.

export class DeviceCopy<Kept> {
  constructor(private readonly key: string) {}

  read(): Kept | null {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "null") as Kept | null;
    } catch {
      return null;
    }
  }

  write(kept: Kept): boolean {
    try {
      localStorage.setItem(this.key, JSON.stringify(kept));
      return true;
    } catch {
      return false; // full, or forbidden by the browser
    }
  }

  drop(): void {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // There was none then.
    }
  }
}
