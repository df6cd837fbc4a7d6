import { desk } from "./data/desk.js";
import { Shell } from "./frame/shell.js";
import { chooseHost } from "./host/choose.js";

const shell = new Shell();
desk.open(chooseHost((words) => shell.says(words)));
document.body.append(shell);
