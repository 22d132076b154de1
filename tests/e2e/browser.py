# SPDX-License-Identifier: GPL-2.0-or-later
"""Logs in as a person does, in a real browser without a window.

usage: browser.py allow|deny ADDRESS PICTURES

Opens ADDRESS, checks that the page asks, presses the button, and prints the title, the main heading, the text and the
language of the page that this ends at, a line each. Leaves pictures of both pages in the folder PICTURES.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

from selenium import webdriver
from selenium.webdriver.chromium.remote_connection import ChromiumRemoteConnection
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.command import Command
from selenium.webdriver.support.ui import WebDriverWait

# A loaded machine takes its time to start a browser.
PATIENCE = 120


@contextlib.contextmanager
def driver():
    """Gives the address of a chromedriver for as long as the context lasts. It is started here, since selenium would ask the
    name localhost, which a container may not know, and newer ones look for another chromedriver on the web."""
    with subprocess.Popen(["chromedriver", "--port=0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as server:
        try:
            for line in server.stdout:
                port = re.search(r"started successfully on port (\d+)", line)
                if port:
                    yield "http://127.0.0.1:" + port[1]
                    break
            else:
                raise RuntimeError("chromedriver ended before it listened")
        finally:
            server.terminate()


def make_options(profile, scripts):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    for argument in (
        "--headless",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-proxy-server",
        "--window-size=800,600",
        "--user-data-dir=" + profile,
        # Nothing but this machine is reached, whatever the browser would like to ask elsewhere.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return options


@contextlib.contextmanager
def start(scripts=True):
    """Gives a browser for as long as the context lasts. scripts: whether it runs those of pages."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, driver() as address:
        connection = ChromiumRemoteConnection(address, browser_name="chrome", vendor_prefix="goog")
        browser = webdriver.Remote(connection, options=make_options(profile, scripts))
        try:
            browser.set_page_load_timeout(PATIENCE)
            yield browser
        finally:
            browser.quit()


def command(browser, name, parameters):
    """Has the browser carry out a command of its DevTools. Returns: the command's result."""
    return browser.execute("executeCdpCommand", {"cmd": name, "params": parameters})["value"]


def console(browser):
    """Takes what the browser has logged since it was asked last."""
    return [entry["message"] for entry in browser.execute(Command.GET_LOG, {"type": "browser"})["value"]]


def main(decision, address, pictures):
    os.makedirs(pictures, exist_ok=True)
    with start() as browser:
        browser.get(address)
        # The file that the browser is given leads to the page.
        wanted = (By.CSS_SELECTOR, "button[name=decision][value=%s]" % decision)
        button = WebDriverWait(browser, PATIENCE).until(lambda shown: shown.find_elements(*wanted))[0]
        browser.save_screenshot(os.path.join(pictures, "login-%s-1-asked.png" % decision))
        server = browser.current_url.split("?")[0]
        button.click()
        WebDriverWait(browser, PATIENCE).until(lambda shown: not shown.current_url.startswith(server))
        WebDriverWait(browser, PATIENCE).until(lambda shown: shown.find_elements(By.TAG_NAME, "h1"))
        browser.save_screenshot(os.path.join(pictures, "login-%s-2-done.png" % decision))
        print(browser.title)
        print(browser.find_element(By.TAG_NAME, "h1").text)
        print(browser.find_element(By.TAG_NAME, "p").text)
        print(browser.find_element(By.TAG_NAME, "html").get_attribute("lang"))


if __name__ == "__main__":
    main(*sys.argv[1:])
