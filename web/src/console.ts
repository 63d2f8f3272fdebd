// The console: each module looks for the elements that it makes more comfortable.

import { startAutosave } from "./autosave";
import { startConfirming } from "./confirming";

startConfirming();
startAutosave();
