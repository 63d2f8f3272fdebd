// The console: each module looks for the elements that it makes more comfortable.

import { startConfirming } from "./confirming";
import { startSelecting } from "./selecting";

startConfirming();
startSelecting();
