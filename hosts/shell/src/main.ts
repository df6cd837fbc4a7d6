import { desk } from "./data/desk.js";
import { isFramed, refuseFrame } from "./frame/framed.js";
import { Shell } from "./frame/shell.js";
import { chooseHost } from "./host/choose.js";

if (isFramed()) {
  refuseFrame();
} else {
  const shell = new Shell();
  desk.open(chooseHost((words) => shell.says(words)));
  document.body.append(shell);
}
