# SPDX-License-Identifier: GPL-2.0-or-later
"""Goes through flattr-sandbox's pages as a person does, in a real browser without a window.

usage: sandbox_browser.py SCENE SANDBOX PICTURES [ARGUMENT ...]

SCENE is one of the functions under "scenes", which says its arguments; SANDBOX is the address in front of the pages' paths.
Whatever a page does not show or do as it must ends this with an error. Every page that is looked at is held to what
Tour.look() checks, and leaves two pictures in the folder PICTURES: SCENE-PAGE.png, and SCENE-PAGE-narrow.png.
"""

import base64
import os
import sys

import browser
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.ui import Select, WebDriverWait

# The width in CSS pixels that WCAG 2.1 (1.4.10, Reflow) asks pages to be readable at without scrolling both ways.
NARROW = 320

CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea"
FIELDS = "input:not([type=hidden]), select, textarea"


def expect(true, problem, *arguments):
    # Not assert, which python leaves out on demand.
    if not true:
        raise AssertionError(problem % arguments)


class Tour:
    def __init__(self, driven, base, pictures, scene):
        self.browser, self.base, self.pictures, self.scene = driven, base, pictures, scene

    # --- what a person does ---

    def open(self, path):
        self.browser.get(self.base + path)

    def follow(self, control):
        """Presses a control that leads to another page, and waits for that."""
        shown = self.browser.find_element(By.TAG_NAME, "html")
        control.click()
        # While the page goes, the driver may say something else than that it is stale: then it is asked again.
        patience = WebDriverWait(self.browser, browser.PATIENCE, ignored_exceptions=[WebDriverException])
        patience.until(expected_conditions.staleness_of(shown))
        WebDriverWait(self.browser, browser.PATIENCE).until(lambda new: new.find_elements(By.TAG_NAME, "h1"))

    def press(self, name):
        """Presses the one button or link that is called so by who hears the page; name may be the beginning."""
        found = [
            control
            for control in self.browser.find_elements(By.CSS_SELECTOR, "main button, main a, nav a")
            if control.accessible_name == name or (name.endswith("...") and control.accessible_name.startswith(name[:-3]))
        ]
        if name == "Log in":
            # The form's button is meant where there is one; the navigation has a link of that name on every page.
            found = [control for control in found if control.tag_name == "button"] or found
        expect(len(found) == 1, "%d controls are called '%s'", len(found), name)
        self.follow(found[0])

    def log_in(self, name):
        Select(self.browser.find_element(By.ID, "user")).select_by_visible_text(name)
        self.press("Log in")

    # --- what a person sees ---

    def text(self):
        return self.browser.find_element(By.TAG_NAME, "main").text

    def says(self, *texts):
        for text in texts:
            expect(text in self.text(), "'%s' is not in: %s", text, self.text())

    def heading_is(self, text):
        shown = self.browser.find_element(By.TAG_NAME, "h1").text
        expect(shown == text, "the heading is '%s' instead of '%s'", shown, text)

    def is_at(self, path):
        expect(self.browser.current_url == self.base + path, "led to %s instead of %s", self.browser.current_url, path)

    def rows(self, heading):
        """The texts of the table under that heading, a list a row."""
        table = self.browser.find_element(By.XPATH, "//*[self::h1 or self::h2][.='%s']/following::table[1]" % heading)
        return [
            [cell.text for cell in row.find_elements(By.CSS_SELECTOR, "th, td")]
            for row in table.find_elements(By.CSS_SELECTOR, "tbody tr")
        ]

    # --- what every page is held to ---

    def look(self, page, status=200):
        """Checks the page shown, and takes its pictures. status: what the server answered it with."""
        self.check_silence(status)
        self.check_structure()
        self.take_picture(page)
        self.check_order()
        browser.command(
            self.browser,
            "Emulation.setDeviceMetricsOverride",
            {"width": NARROW, "height": 640, "deviceScaleFactor": 1, "mobile": False},
        )
        self.take_picture(page + "-narrow")
        width = self.size()["width"]
        self.check_tables()
        browser.command(self.browser, "Emulation.clearDeviceMetricsOverride", {})
        expect(width <= NARROW, "%s takes %d pixels of a screen of %d", page, width, NARROW)

    def check_silence(self, status):
        """No script ran, and the browser complained of nothing but the status of a page that refuses."""
        expect(not expected_conditions.alert_is_present()(self.browser), "an alert is shown")
        expect(not self.browser.find_elements(By.TAG_NAME, "script"), "there is a script")
        complaints = browser.console(self.browser)
        if status != 200:
            expect(
                len(complaints) == 1 and "status of %d" % status in complaints[0],
                "instead of the status %d, the browser logs %s",
                status,
                complaints,
            )
        else:
            expect(not complaints, "the browser logs %s", complaints)

    def check_structure(self):
        find = self.browser.find_elements
        language = self.browser.find_element(By.TAG_NAME, "html").get_attribute("lang")
        expect(language == "en", "the language is '%s'", language)
        headings = [heading.text for heading in find(By.TAG_NAME, "h1")]
        expect(len(headings) == 1, "the main headings are %s", headings)
        expect(self.browser.title.startswith(headings[0]), "the title is '%s'", self.browser.title)
        for control in find(By.CSS_SELECTOR, CONTROLS):
            expect(control.accessible_name, "a <%s> has no name", control.tag_name)
        for field in find(By.CSS_SELECTOR, FIELDS):
            labels = find(By.CSS_SELECTOR, 'label[for="%s"]' % field.get_attribute("id"))
            expect(len(labels) == 1 and labels[0].is_displayed(), "a <%s> has no label", field.tag_name)

    def check_order(self):
        """The Tab key reaches every control, in the order of the page, and shows each where it is."""
        width = self.size()["width"]
        controls = self.browser.find_elements(By.CSS_SELECTOR, CONTROLS)
        for control in controls:
            ActionChains(self.browser).send_keys(Keys.TAB).perform()
            reached = self.browser.switch_to.active_element
            expect(reached == control, "Tab leads to '%s' instead of '%s'", reached.text, control.accessible_name)
            place = control.rect
            expect(place["x"] >= 0 and place["x"] + place["width"] <= width, "'%s' is not on the page", control.text)
            outline = control.value_of_css_property("outline-style")
            expect(outline != "none", "nobody sees that '%s' has the focus", control.text)

    def check_tables(self):
        """However tables are laid out, they are read as such, and no word of ours is broken over lines."""
        for selector, role in ("table", "table"), ("tbody tr", "row"), ("tbody th", "rowheader"), ("thead th", "columnheader"):
            for part in self.browser.find_elements(By.CSS_SELECTOR, selector):
                expect(part.aria_role == role, "'%s' is a %s and no %s", part.text, part.aria_role, role)
        for button in self.browser.find_elements(By.CSS_SELECTOR, "td button"):
            expect(button.rect["width"] > button.rect["height"], "'%s' is broken over lines", button.text)

    def size(self):
        return browser.command(self.browser, "Page.getLayoutMetrics", {})["cssContentSize"]

    def take_picture(self, name):
        """Of the whole page, however long it is."""
        area = dict(self.size(), x=0, y=0, scale=1)
        picture = browser.command(
            self.browser,
            "Page.captureScreenshot",
            {"format": "png", "captureBeyondViewport": True, "clip": area},
        )
        with open(os.path.join(self.pictures, "%s-%s.png" % (self.scene, name)), "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def scripts_run(self):
        """Whether this browser runs scripts where they are not forbidden."""
        self.browser.get("data:text/html,<title>no</title><script>document.title='yes'</script>")
        return self.browser.title == "yes"


# --- scenes ---


def overview(tour, time):
    """Alice flattred a thing of maker's, at TIME; the navigation leads on."""
    tour.open("/")
    tour.heading_is("Overview")
    tour.says(tour.base + "/rest/v2")
    users = tour.rows("Users")
    for row in (["alice", "1 flattr"], ["demo", "1000 flattrs"], ["maker", "0 flattrs"]):
        expect(row in users, "%s is not in %s", row, users)
    things = tour.rows("Things")
    expect(things == [["The first episode", "maker", "1", "http://e.example/1"]], "the things are %s", things)
    flattrs = tour.rows("Latest flattrs")
    expect(
        len(flattrs) == 1 and flattrs[0][0].startswith(time) and flattrs[0][1:] == ["alice", "The first episode"],
        "the latest flattrs are %s",
        flattrs,
    )
    link = tour.browser.find_element(By.LINK_TEXT, "http://e.example/1")
    expect(link.get_attribute("href") == "http://e.example/1", "the link leads to %s", link.get_attribute("href"))
    tour.look("front")
    tour.press("Applications")
    tour.is_at("/applications")
    tour.press("Overview")
    tour.is_at("/")
    ActionChains(tour.browser).send_keys(Keys.TAB, Keys.ENTER).perform()
    tour.is_at("/#main")


def account(tour):
    """Somebody becomes alice, and nobody again."""
    tour.open("/")
    tour.press("Log in")
    tour.heading_is("Log in")
    tour.says("You are demo.", "there is no password")
    expect("Log out" not in tour.text(), "who is not logged in can log out")
    tour.look("before")
    tour.log_in("alice")
    tour.is_at("/")
    tour.press("Log in")
    tour.says("You are alice.")
    chosen = Select(tour.browser.find_element(By.ID, "user")).first_selected_option.text
    expect(chosen == "alice", "'%s' is chosen", chosen)
    tour.look("after")
    tour.press("Log out")
    tour.says("You are demo.")


def ask_as_alice(tour, address):
    tour.browser.get(address)
    tour.says("May podflattr, at 127.0.0.1 act for demo?")
    tour.press("Log in as another user")
    tour.log_in("alice")
    tour.heading_is("Allow a program to act for you?")
    tour.says("May podflattr, at 127.0.0.1 act for alice?", "read what is public", "flattr things with your means")
    tour.look("asked")


def allow(tour, address):
    """Alice, who is not logged in yet, allows the program that asks at ADDRESS, and finds it among her applications."""
    ask_as_alice(tour, address)
    tour.press("Allow")
    tour.browser.find_element(By.XPATH, "//h1[.='You are logged in']")
    tour.open("/applications")
    tour.says("These programs may act for alice.")
    programs = [row[0] for row in tour.rows("Applications")]
    expect(programs == ["podflattr, at 127.0.0.1", "a control call"], "the programs are %s", programs)
    tour.says("flattr things with your means")
    tour.look("applications")


def deny(tour, address):
    """Alice does not allow it, and has the same applications as before."""
    ask_as_alice(tour, address)
    tour.press("Deny")
    tour.browser.find_element(By.XPATH, "//h1[.='You are not logged in']")
    tour.open("/applications")
    programs = [row[0] for row in tour.rows("Applications")]
    expect(programs == ["a control call"], "the programs are %s", programs)


def revoke(tour):
    """Alice revokes the program, and then all that is left."""
    tour.open("/applications")
    tour.press("Log in as another user")
    tour.log_in("alice")
    tour.is_at("/applications")
    tour.press("Revoke podflattr, at 127.0.0.1, number ...")
    tour.is_at("/applications")
    programs = [row[0] for row in tour.rows("Applications")]
    expect(programs == ["a control call"], "the programs are %s", programs)
    tour.press("Revoke a control call, number ...")
    tour.says("No program may act for alice.")
    tour.look("nothing-left")


def without_scripts(tour, address):
    """All forms work for who has switched scripts off; the program that asks at ADDRESS is allowed and revoked."""
    expect(not tour.scripts_run(), "scripts run")
    account(tour)
    allow(tour, address)
    tour.press("Revoke podflattr, at 127.0.0.1, number ...")
    programs = [row[0] for row in tour.rows("Applications")]
    expect(programs == ["a control call"], "the programs are %s", programs)


def hostile(tour, address, name, title):
    """A user of that NAME flattred a thing of that TITLE, and is asked to allow the program at ADDRESS."""
    expect(tour.scripts_run(), "scripts do not run, so that none could do harm")
    tour.open("/")
    expect(name in [row[0] for row in tour.rows("Users")], "the users are %s", tour.rows("Users"))
    for heading, place in ("Things", slice(0, 2)), ("Latest flattrs", slice(1, 3)):
        shown = [row[place] for row in tour.rows(heading)]
        wanted = [title, "alice"] if heading == "Things" else [name, title]
        expect(shown == [wanted], "under %s is %s", heading, shown)
    tour.look("front")
    tour.open("/login")
    tour.look("login")
    tour.log_in(name)
    tour.open("/login")
    tour.says("You are %s." % name)
    tour.look("logged-in")
    tour.open("/applications")
    tour.says("These programs may act for %s." % name)
    tour.look("applications")
    tour.browser.get(address)
    tour.says("act for %s?" % name)
    tour.look("asked")


def refused(tour):
    """What goes wrong is said by a page that leads on."""
    tour.open("/nowhere")
    tour.heading_is("Something went wrong")
    tour.look("unknown-page", 404)
    tour.press("Go to the overview")
    tour.is_at("/")
    tour.says("Nothing is registered yet.", "Nothing has been flattred yet.")
    tour.open("/oauth/authorize?client_id=%3Cscript%3Ealert(1)%3C/script%3E")
    tour.says("The client_id is missing or unknown.")
    tour.look("unknown-program", 400)
    tour.open("/login")
    tour.browser.delete_all_cookies()
    tour.press("Log in")
    tour.says("reload the page and try again")
    tour.look("stale-form", 403)


def claim(tour):
    """Who was flattred before they had an account is told what to do."""
    for path in "/claim", "/claim/owner/somebody@e.example":
        tour.open(path)
        tour.heading_is("Claim your things")
        tour.says("POST /users/:username/verify")
        tour.look("claim")


SCENES = {
    scene.__name__: scene
    for scene in (overview, account, allow, deny, revoke, without_scripts, hostile, refused, claim)
}


def main(scene, base, pictures, *arguments):
    os.makedirs(pictures, exist_ok=True)
    with browser.start(scripts=scene != "without_scripts") as driven:
        SCENES[scene](Tour(driven, base, pictures, "sandbox-" + scene.replace("_", "-")), *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
