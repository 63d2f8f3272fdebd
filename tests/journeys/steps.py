"""What a parent does on a page, by what stands there."""

from playwright.sync_api import Locator, Page, expect

ROWS = "ol.places > li.place"


def rows(page: Page) -> Locator:
    """The places in the list."""
    return page.locator(f"#finder {ROWS}")


def names(page: Page) -> list[str]:
    """What the places in the list are called, in its order."""
    return [row.get_attribute("data-name") or "" for row in rows(page).all()]


def switch(page: Page, title: str) -> None:
    """Tap a filter of yes or no, and see that it is on."""
    chip = page.locator("nav.chips").get_by_role("link", name=title, exact=True)
    chip.click()
    expect(chip).to_have_attribute("aria-current", "true")


def choose(page: Page, menu: str, choice: str) -> None:
    """Open a menu of filters and tap one, which then stands in the menu's place."""
    chips = page.locator("nav.chips")
    chips.locator("summary").filter(has_text=menu).click()
    chips.get_by_role("link", name=choice, exact=True).click()
    expect(chips.locator("summary").filter(has_text=choice)).to_be_visible()


def search(page: Page, words: str, label: str = "名称、地址或拼音") -> None:
    """Type into the search box and send it off as a keyboard does."""
    box = page.get_by_label(label)
    box.fill(words)
    box.press("Enter")


def expect_chosen(page: Page, *titles: str) -> None:
    """See that these filters are on, and no other."""
    on = page.locator("nav.chips > a[aria-current=true], nav.chips summary[data-on]")
    expect(on).to_have_count(len(titles))
    for chip, title in zip(on.all(), titles, strict=True):
        expect(chip).to_contain_text(title)
