// Ticking the rows of a table: all of the page at once, and how many are ticked.

export function startSelecting(): void {
  const table = document.querySelector<HTMLTableElement>("table[data-selecting]");
  const boxes = [...(table?.querySelectorAll<HTMLInputElement>('tbody input[type="checkbox"]') ?? [])];
  const form = boxes[0]?.form;
  if (!form) return;
  const told = form.querySelector<HTMLElement>("[data-selected]");
  const everything = form.querySelector<HTMLInputElement>('input[name="everything"]');
  const all = allOfThePage();
  const count = (): void => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    if (told) told.textContent = everything?.checked ? "" : `已选 ${ticked} 条`;
    // It follows the page only while there is something to be done with it.
    form.classList.toggle("is-active", ticked > 0 || everything?.checked === true);
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  for (const box of [...boxes, everything]) box?.addEventListener("change", count);
  count();
}

/** The box for all rows of the page, beside their number. */
function allOfThePage(): HTMLInputElement {
  const box = document.createElement("input");
  box.type = "checkbox";
  const label = document.createElement("label");
  label.className = "check select-page";
  label.append(box, " 本页全选");
  document.querySelector(".results-head")?.append(label);
  return box;
}
