"""How large pages open and filter: printed, never asserted. Asserted is only that they work, and that the list holds a
screenful of elements and not all of them.

usage: page_size.py [CASES SYSTEMS]...     pages of other sizes than the test's"""

import os
import sys
import time

import page_browser
import support

SIZES = [(1250, 8), (5000, 8)]
FILTERS = ["msg", "pipe/*", "!fifo blocks", "EINVAL"]

# Milliseconds of a processor the page's thread has used so far: what a busy machine does not change.
def used(browser):
    metrics = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(m["value"] for m in metrics if m["name"] == "TaskDuration") * 1000


# The time from a key to what it changed being on the screen: handler, style, layout, and the next frame.
TYPE = """
const [text, done] = arguments, box = document.querySelector("#find"), from = performance.now();
box.value = text;
box.dispatchEvent(new Event("input", {bubbles: true}));
document.body.offsetHeight;
const handled = performance.now() - from;
requestAnimationFrame(() => requestAnimationFrame(() => done([handled, performance.now() - from])));
"""
OPEN = """
const [done] = arguments, from = performance.now(), options = document.querySelectorAll(".option");
options[Math.floor(options.length / 2)].click();
document.body.offsetHeight;
requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - from)));
"""


class Size(support.Test):
    @classmethod
    def setUpClass(cls):
        cls.browser = page_browser.start()
        cls.addClassCleanup(cls.browser.quit)

    def typed(self, text):
        before = used(self.browser)
        return [*self.browser.execute_async_script(TYPE, text), used(self.browser) - before]

    def measured(self, seed, cases, systems):
        path = self.directory / f"{cases}.html"
        began = time.monotonic()
        page_browser.page_of(path, "--grow", cases, systems, seed)
        written = time.monotonic() - began
        self.browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        page_browser.open_page(self.browser, path, "#results")
        ready = self.browser.execute_script("return performance.getEntriesByName('ipcvet-ready')[0].startTime")
        own = self.browser.execute_script("return performance.getEntriesByName('ipcvet-read')[0].startTime")
        self.assertEqual(page_browser.one(self.browser, ".results .told").text, f"{cases:,} cases")
        opening = used(self.browser)
        filters = [self.typed(text) for text in ["f", *FILTERS, ""]]
        before = used(self.browser)
        opened = self.browser.execute_async_script(OPEN)
        opened_cpu = used(self.browser) - before
        self.assertEqual(len(page_browser.all_of(self.browser, ".choice button")), systems)
        self.assertLess(len(page_browser.all_of(self.browser, ".option")), 60)
        self.browser.execute_script("document.querySelector('.list').scrollTop = 1e9")
        self.browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
        last = page_browser.all_of(self.browser, ".option")[-1].get_attribute("aria-posinset")
        self.assertEqual(last, str(cases))
        self.assertEqual(self.browser.get_log("browser"), [])
        heap = self.browser.execute_cdp_cmd("Runtime.getHeapUsage", {})["usedSize"]
        slowest = [max(values) for values in zip(*filters[1:])]
        figures = {"size MB": os.path.getsize(path) / 1e6, "written s": written, "ready ms": ready, "script ms": ready - own,
                   "CPU ms": opening, "first filter ms": filters[0][0], "CPU ms of it": filters[0][2], "filter ms": slowest[0],
                   "filter to frame ms": slowest[1], "filter CPU ms": slowest[2], "open a case ms": opened,
                   "open a case CPU ms": opened_cpu, "heap MB": heap / 1e6}
        print(f"{cases} cases x {systems} systems: " + ", ".join(f"{name} {value:.1f}" for name, value in figures.items()))
        return figures

    def test_size(self):
        run = support.run()
        seed = page_browser.write_record(self.directory / "seed.json", run.record)
        figures = [self.measured(seed, *size) for size in SIZES]
        factor = SIZES[-1][0] * SIZES[-1][1] / (SIZES[0][0] * SIZES[0][1])
        print(f"growth for {factor:g} times the results: "
              + ", ".join(f"{name} x{figures[-1][name] / max(figures[0][name], 1e-9):.1f}" for name in figures[0]))


if len(sys.argv) > 1:
    numbers = [int(word) for word in sys.argv[1:]]
    SIZES = list(zip(numbers[::2], numbers[1::2]))
    del sys.argv[1:]
support.main()
