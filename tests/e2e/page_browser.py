"""A headless Chromium for the tests of the page, driven by Selenium. Both are Debian packages (`ci/install page`); where
they are not installed, the tests of the page are skipped and say what is missing."""

import json
import os
import pathlib
import shutil
import subprocess
import sys


def skip(reason):
    print(f"skipped: {reason}; ci/install page installs what is needed")
    sys.exit(77)


try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    # Debian's packages belong to its own interpreter, which may not be the first one in PATH.
    if os.path.realpath(sys.executable).startswith("/usr/bin/") or not os.path.exists("/usr/bin/python3"):
        skip("python3-selenium is not installed")
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

PAGE_OF = os.environ.get("IPCVET_PAGE_OF", "page_of")
LIMIT = 120  # seconds for anything the browser does: only a hung one reaches it


def start(width=1360, height=900):
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        skip("chromium is not installed" if not chromium else "chromium-driver is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 f"--window-size={width},{height}"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(service=Service(driver), options=options)
    browser.set_page_load_timeout(LIMIT)
    browser.set_script_timeout(LIMIT)
    resize(browser, width, height)
    return browser


def resize(browser, width, height):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})


def media(browser, kind="", scheme=""):
    features = [{"name": "prefers-color-scheme", "value": scheme}] if scheme else []
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": kind, "features": features})


def open_page(browser, path, fragment=""):
    browser.get("about:blank")  # so that a new fragment is a new load
    browser.get(pathlib.Path(path).as_uri() + fragment)


def all_of(browser, selector):
    return browser.find_elements(By.CSS_SELECTOR, selector)


def one(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def texts(browser, selector):
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map((n) => n.textContent)", selector)


def focused(browser):
    return browser.switch_to.active_element


def page_of(path, *arguments):
    """Writes the page of some records."""
    with open(path, "wb") as page:
        subprocess.run([PAGE_OF, *map(str, arguments)], stdout=page, check=True, timeout=LIMIT)
    return path


def write_record(path, record):
    pathlib.Path(path).write_text(json.dumps(record), encoding="utf-8")
    return path


# The lowest contrast of visible text with what is behind it, and where.
CONTRAST = """
const rgb = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return {c: n.slice(0, 3), a: n[3] ?? 1}; };
const luminance = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b; };
function ground(node) {
  for (; node; node = node.parentElement) { const g = rgb(getComputedStyle(node).backgroundColor); if (g.a === 1) return g.c; }
  return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
}
let worst = [99, ""];
for (const node of document.querySelectorAll("body *")) {
  if (node.closest("svg, [hidden], .unseen") || node.offsetParent === null) continue;
  if (![...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
  const fore = luminance(rgb(getComputedStyle(node).color).c), back = luminance(ground(node));
  const ratio = (Math.max(fore, back) + .05) / (Math.min(fore, back) + .05);
  if (ratio < worst[0]) worst = [ratio, `${node.tagName}.${node.className}: ${node.textContent.slice(0, 40)}`];
}
return worst;
"""
