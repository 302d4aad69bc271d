// Fields that the guide displays only when another has a certain value. Without script a page shows what fits the values
// in force.
"use strict";
for (const field of document.querySelectorAll("[data-shown-when]")) {
  const other = document.getElementsByName(field.dataset.shownWhen)[0];
  if (other) {
    other.addEventListener("change", () => { field.hidden = other.value !== field.dataset.shownValue; });
  }
}
