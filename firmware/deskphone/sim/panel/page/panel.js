// The page: wires the phone's event stream to the parts of the face.

import { listen } from "./api.js";
import * as face from "./face.js";
import * as keyboard from "./keyboard.js";
import "./keys.js";
import * as screen from "./screen.js";
import * as sound from "./sound.js";

listen({
  link(how) {
    face.link(how);
    sound.link(how);
  },
  state(news) {
    face.take(news);
    keyboard.take(news);
    sound.take(news);
  },
  screen: screen.show,
  levels: face.levels,
});
