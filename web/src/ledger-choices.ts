// Where two have changed one field of a report: both texts, to choose from.

import { button, element } from "./dom";
import { type Clash, told } from "./ledger-kept";

/**
 * The box of choices; `decide` is told each, with the text that is to stand there, or null for what
 * one has typed oneself. Until then the form says which are open, should it be sent before.
 */
export function choices(
  clashes: readonly Clash[],
  who: string,
  title: (name: string) => string,
  decide: (name: string, text: string | null) => void,
): HTMLElement {
  const box = element("fieldset", "choices", element("legend", "", `${who}和您都改了的地方，请逐处选定`));
  for (const clash of clashes) {
    const row = element("div", "conflict", open(clash.name), element("p", "", element("strong", "", title(clash.name))));
    const choose = (text: string | null) => (): void => {
      row.remove();
      decide(clash.name, text);
    };
    row.append(
      element(
        "div",
        "buttons",
        button(`用我填的：${told(clash.mine)}`, choose(null), "button quiet small"),
        button(`用${who}填的：${told(clash.theirs)}`, choose(clash.theirs), "button quiet small"),
      ),
    );
    box.append(row);
  }
  return box;
}

/** What a field of the form is called: its group's title and its own. */
export function label(form: HTMLFormElement, name: string): string {
  const input = form.querySelector<HTMLInputElement>(`[name="${CSS.escape(name)}"]`);
  const group = input?.closest("fieldset")?.querySelector("legend")?.textContent?.trim() ?? "";
  const own = input?.getAttribute("aria-label") ?? input?.labels?.[0]?.textContent?.trim() ?? "";
  return [group, own].filter(Boolean).join(" · ");
}

/** What is picked on the server's own page of choices: by field "mine" or "theirs". */
export function picks(form: HTMLFormElement): [string, string][] {
  const found = form.querySelectorAll<HTMLInputElement>(`input[name^="${PICK}"]:checked`);
  return [...found].map((pick) => [pick.name.slice(PICK.length), pick.value]);
}

const PICK = "pick.";

function open(name: string): HTMLInputElement {
  const field = element("input", "");
  Object.assign(field, { type: "hidden", name: "clash", value: name });
  return field;
}
