# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks at a report as a person does, in a real browser without a window.

usage: report_browser.py FILE PICTURES

Opens FILE in light and dark colours, on a wide and a narrow screen and on paper, and leaves a picture of each in the folder
PICTURES. Ends with an error where the page runs a script, asks for anything, is wider than its screen, or shows text with too
little contrast.
"""

import base64
import os
import pathlib
import sys
import urllib.parse

import browser
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

# The contrast that WCAG 2.1 (1.4.3) asks of text; the numbers of a page's colours, with what they stand on.
CONTRAST = """
const luminance = colour => {
  const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
};
const ground = element => {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!/, 0\\)$/.test(colour) && colour !== 'transparent') return colour;
  }
  return 'rgb(255, 255, 255)';
};
const faults = [];
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  if (!own) continue;
  const style = getComputedStyle(element);
  const ink = luminance(element.ownerSVGElement ? style.fill : style.color), paper = luminance(ground(element));
  const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  if (ratio < 4.5) faults.push(element.tagName + ' "' + element.textContent.slice(0, 30) + '" ' + ratio.toFixed(2));
}
return faults;
"""


def expect(true, problem, *arguments):
    # Not assert, which python leaves out on demand.
    if not true:
        raise AssertionError(problem % arguments)


def set_media(page, media, scheme):
    browser.command(
        page, "Emulation.setEmulatedMedia", {"media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )


def set_width(page, width):
    browser.command(
        page, "Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    )


def picture(page, path):
    shown = browser.command(page, "Page.captureScreenshot", {"captureBeyondViewport": True})
    path.write_bytes(base64.b64decode(shown["data"]))


def check_silence(page):
    complaints = browser.console(page)
    expect(not complaints, "the browser logs %s", complaints)
    expect(not page.find_elements(By.TAG_NAME, "script"), "there is a script")
    asked = page.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    expect(not asked, "the page asks for %s", asked)


def check_structure(page):
    find = lambda selector: page.find_elements(By.CSS_SELECTOR, selector)
    expect(page.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en", "the language is not said")
    for landmark in ("header", "main", "footer", "h1"):
        expect(len(find(landmark)) == 1, "there are %d <%s>", len(find(landmark)), landmark)
    levels = [int(heading.tag_name[1]) for heading in find("h1, h2, h3")]
    expect(all(after <= before + 1 for before, after in zip(levels, levels[1:])), "headings leap: %s", levels)
    for section in find("main section"):
        expect(section.accessible_name, "a section has no name")
    for link in find("a[href]"):
        expect(link.accessible_name, "a link has no name")
        address = urllib.parse.urlsplit(link.get_attribute("href"))
        if link.get_attribute("class") != "skip":
            expect(address.scheme in ("http", "https", "mailto", "lightning"), "a link leads to %s", address.geturl())
            rel = link.get_attribute("rel").split()
            expect("noreferrer" in rel and "noopener" in rel, "a link has rel %s", rel)
    for image in find("svg:not([aria-hidden])"):
        expect(image.get_attribute("role") == "img" and image.get_attribute("aria-label"), "a picture has no name")
    identifiers = [element.get_attribute("id") for element in find("[id]")]
    expect(len(identifiers) == len(set(identifiers)), "an id stands twice: %s", identifiers)


def check_keys(page):
    """The first Tab leads to the link that skips to what is due, and shows it."""
    page.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    first = page.switch_to.active_element
    expect(first.get_attribute("class") == "skip", "the first Tab leads to %s", first.get_attribute("outerHTML"))
    expect(first.rect["x"] >= 0, "what has the focus is not to be seen")


def look(page, pictures):
    for name, width, media, scheme in (
        ("light", 1100, "screen", "light"),
        ("dark", 1100, "screen", "dark"),
        ("narrow", 320, "screen", "light"),
        ("narrow-dark", 320, "screen", "dark"),
        ("print", 800, "print", "dark"),
    ):
        set_width(page, width)
        set_media(page, media, scheme)
        picture(page, pictures / ("report-%s.png" % name))
        wide = page.execute_script("return document.documentElement.scrollWidth")
        expect(wide <= width, "%s takes %d pixels of a screen of %d", name, wide, width)
        faults = page.execute_script(CONTRAST)
        expect(not faults, "%s has too little contrast: %s", name, faults)
    paper = browser.command(page, "Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    (pictures / "report.pdf").write_bytes(base64.b64decode(paper["data"]))


def main(path, pictures):
    os.makedirs(pictures, exist_ok=True)
    with browser.start() as page:
        page.get(pathlib.Path(path).resolve().as_uri())
        check_structure(page)
        check_keys(page)
        look(page, pathlib.Path(pictures))
        check_silence(page)


if __name__ == "__main__":
    main(*sys.argv[1:])
