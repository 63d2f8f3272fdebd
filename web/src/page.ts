// Every public page: small comforts that need no map, and what makes it stand without network.

import { startCopying } from "./copying";
import { startLeaving } from "./leaving";
import { startLocating } from "./locating";
import { tellAge } from "./age";
import { whenQuiet } from "./when";

document.documentElement.classList.add("js");
startCopying();
startLeaving();
startLocating();
tellAge();

const offline = document.getElementById("offline");
if (offline) void import("./offline").then(({ showPlace }) => showPlace(offline));

if ("serviceWorker" in navigator) {
  // Without one (private windows, old phones) everything but the pages without network works.
  whenQuiet(() => void navigator.serviceWorker.register("/sw.js").catch(() => undefined));
}
