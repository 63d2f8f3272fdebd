// One way to another address of this page, whoever asks: home.js swaps the list, or the browser goes.

const NAME = "tongyou:go";

export function go(url: URL): void {
  const asked = new CustomEvent<URL>(NAME, { cancelable: true, detail: url });
  if (document.dispatchEvent(asked)) location.assign(url);
}

/** Put where distances are from into an address: to about a hundred metres, no nearer to a home. */
export function setStart(url: URL, lon: number, lat: number): void {
  url.searchParams.set("lat", lat.toFixed(3));
  url.searchParams.set("lon", lon.toFixed(3));
}

/** Take such journeys over; `take` says whether it did. */
export function onGoing(take: (url: URL) => boolean): void {
  document.addEventListener(NAME, (event) => {
    if (take((event as CustomEvent<URL>).detail)) event.preventDefault();
  });
}
