"""A person at a keyboard: nothing here touches a mouse or a field that has not the focus."""

from playwright.sync_api import Page, expect

expect.set_options(timeout=30_000)  # a busy machine is no fault of the page

# What a screen reader would call the thing that has the focus.
NAME = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return '';
  const text = part => { const copy = part.cloneNode(true);
    copy.querySelectorAll('[aria-hidden="true"], [hidden], svg').forEach(n => n.remove()); return copy.textContent; };
  const by = (node.getAttribute('aria-labelledby') || '').split(/\\s+/)
    .map(id => document.getElementById(id)).filter(Boolean);
  const said = by.length ? by.map(text).join(' ') : node.getAttribute('aria-label')
    || (node.labels && node.labels.length ? Array.from(node.labels).map(text).join(' ') : text(node));
  return (said || '').replace(/\\s+/g, ' ').trim();
}"""


class Keys:
    """Tab, arrows, Enter and typing, and knowing what has the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.visited: list[str] = []
        page.on("filechooser", lambda _window: None)  # from now on no file window of the system opens

    def focus(self) -> str:
        """The name of what has the focus."""
        return str(self.page.evaluate(NAME))

    def await_focus(self, name: str, seconds: int = 20) -> None:
        """Wait until the page has put the focus there by itself."""
        for _try in range(seconds * 10):
            if self.focus() == name:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"the focus is on {self.focus()!r}, not on {name!r}")

    def press(self, *keys: str) -> None:
        """Press one key after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Type; what is not on the keys comes as from an input method."""
        if text.isascii():
            self.page.keyboard.type(text)
        else:
            self.page.keyboard.insert_text(text)

    def to(self, name: str, back: bool = False, most: int = 140) -> None:
        """Tab until the thing of that name has the focus; a name that ends in … need only begin so."""
        self.visited = []
        for _step in range(most):
            self.press("Shift+Tab" if back else "Tab")
            self.visited.append(self.focus())
            if self.visited[-1] == name or (name.endswith("…") and self.visited[-1].startswith(name[:-1])):
                return
        raise AssertionError(f"no way by Tab to {name!r}; passed {self.visited}")

    def fill(self, name: str, text: str) -> None:
        """Go to a field and type over what it holds; look at what stands there, and type again if it is wrong."""
        self.to(name)
        for _try in range(3):
            self.press("Control+a")
            self.write(text)
            if self.page.evaluate("document.activeElement.value") == text:
                return
        raise AssertionError(f"{name!r} does not take {text!r}")

    def choose(self, name: str, typed: str, option: str) -> None:
        """Go to a choice with search, type, and take the option that says so."""
        self.to(name)
        self.take(typed, option)

    def take(self, typed: str, option: str) -> None:
        """In a choice with search: type, wait for the option, arrow to it, Enter."""
        self.write(typed)
        wanted = self.page.locator(".ts-dropdown:visible .option", has_text=option).first
        expect(wanted).to_be_visible()
        for _step in range(30):
            if "active" in str(wanted.get_attribute("class")).split():
                break
            self.press("ArrowDown")
        self.press("Enter")

    def pick(self, name: str, option: str) -> None:
        """Go to a plain drop-down and press the arrow until it shows the option."""
        self.to(name)
        for _step in range(40):
            if self.page.evaluate("document.activeElement.selectedOptions[0].text") == option:
                return
            self.press("ArrowDown")
        raise AssertionError(f"no option {option!r} in {name!r}")

    def go(self, key: str = "Enter") -> None:
        """Press a key that leads to another page, and wait for that page."""
        with self.page.expect_navigation():
            self.press(key)
