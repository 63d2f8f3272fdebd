// The console: each module looks for the elements that it makes more comfortable.

import { startAutosave } from "./autosave";
import { startConfirming } from "./confirming";
import { startProgress } from "./progress";
import { startSelecting } from "./selecting";

startConfirming();
startAutosave();
startSelecting();
startProgress();

// On a phone a menu is a strip: where one is should be in sight.
for (const here of document.querySelectorAll("[data-console-nav] [aria-current], .ledger-nav [aria-current]")) {
  here.scrollIntoView({ block: "nearest", inline: "center" });
}

// What few pages have is loaded where it is: Leaflet above all.
for (const box of document.querySelectorAll<HTMLElement>("[data-closures]")) {
  void import("./closures").then(({ startClosures }) => startClosures(box));
}
for (const box of document.querySelectorAll<HTMLElement>("[data-picker][data-map]")) {
  void import("./picker").then(({ startPicker }) => startPicker(box));
}
for (const box of document.querySelectorAll<HTMLElement>("[data-hours][data-tool]")) {
  void import("./hours").then(({ startHours }) => startHours(box));
}
for (const box of document.querySelectorAll<HTMLElement>("[data-photos][data-upload]")) {
  void import("./photos").then(({ startPhotos }) => startPhotos(box));
}
for (const box of document.querySelectorAll<HTMLElement>('[data-kind="pins"][data-map]')) {
  void import("./pinsmap").then(({ startPins }) => startPins(box));
}
const line = document.querySelector<HTMLFormElement>("form[data-line]");
if (line) void import("./line-editor").then(({ startLineEditor }) => startLineEditor(line));
const report = document.querySelector<HTMLFormElement>("form[data-report]");
if (report) void import("./ledger-form").then(({ startLedgerForm }) => startLedgerForm(report));
for (const box of document.querySelectorAll<HTMLElement>("[data-report-left]")) {
  void import("./ledger-left").then(({ startLedgerLeft }) => startLedgerLeft(box));
}
