// Runs before anything is drawn, so that nobody sees the look that they did not choose: the page itself
// comes later.

import { chosen, dark, mark } from "./which.js";

mark(dark(chosen()));
