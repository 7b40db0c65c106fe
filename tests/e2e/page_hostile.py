"""A record that wants to do something to its reader: markup, scripts, controls, names of a megabyte. The page shows it
as text and runs none of it."""

import copy
import json

import page_browser
import support
from page_browser import all_of, texts

EVIL = "\"'></script></title><script>document.title = pwned = 1</script><img src=x onerror='pwned=1'>&lt;b&gt;\u2028\u202e${pwned=1}`\\"
URL = "javascript:pwned=1"
KEPT = {"schema", "verdict", "level", "kind", "end", "base", "op", "int", "started", "profile", "abi"}


def poisoned(value, text, key=""):
    """Every string of a record replaced, but for those that are words of its format."""
    if isinstance(value, str):
        return value if key in KEPT or not value else text
    if isinstance(value, list):
        return [poisoned(item, text, key) for item in value]
    if isinstance(value, dict):
        return {k: poisoned(v, text, k) for k, v in value.items()}
    return value


class Hostile(support.Test):
    @classmethod
    def setUpClass(cls):
        cls.browser = page_browser.start()
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self):
        super().setUp()
        files = [self.write_case(text) for text in (support.PASSES, support.BLOCKS, support.FAILS)]
        self.record = support.run(*files).record
        del self.record["uncited"][4:]  # hundreds of texts of a megabyte would be more than a record may have

    def page(self, *records):
        files = [page_browser.write_record(self.directory / f"{n}.json", record) for n, record in enumerate(records)]
        return page_browser.page_of(self.directory / "page.html", *files)

    def look_at_everything(self, path):
        """Opens every view and every case; the longest text the page holds, and all that it shows."""
        seen, links = [], []
        page_browser.open_page(self.browser, path)
        for view in ("summary", "results", "requirements", "observations", "systems"):
            self.browser.execute_script("location.hash = arguments[0]", "#" + view)
            self.browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
            seen.append(self.browser.execute_script("return document.body.innerText"))
            if view == "results":
                for option in range(len(all_of(self.browser, ".option"))):
                    self.browser.execute_script("document.querySelectorAll('.option')[arguments[0]].click()", option)
                    seen.append(self.browser.execute_script("return document.querySelector('.pane').innerText"))
            links += self.browser.execute_script("return [...document.querySelectorAll('a')].map((a) => a.getAttribute('href'))")
            self.assertEqual(all_of(self.browser, "#app script, #app img, #app iframe, #app object, #app [onerror]"), [])
        self.assertEqual(self.browser.get_log("browser"), [])
        self.assertTrue(self.browser.execute_script("return typeof pwned === 'undefined'"))
        self.assertEqual([link for link in links if not link.startswith("#")], [])
        return "\n".join(seen)

    def test_markup_is_text(self):
        bad = poisoned(copy.deepcopy(self.record), EVIL)
        shown = self.look_at_everything(self.page(bad, self.record))
        self.assertIn("<script>document.title = pwned = 1</script>", shown)
        self.assertIn("\\xe2\\x80\\xae", shown)
        for hidden in "\u2028\u202e":
            self.assertNotIn(hidden, shown)

    def test_addresses_lead_nowhere(self):
        bad = poisoned(copy.deepcopy(self.record), URL)
        self.assertIn(URL, self.look_at_everything(self.page(bad)))

    def test_names_of_javascript_itself(self):
        for name in ("__proto__", "constructor", "toString"):
            with self.subTest(name):
                self.assertIn(name, self.look_at_everything(self.page(poisoned(copy.deepcopy(self.record), name))))

    def test_a_name_of_a_megabyte_is_cut(self):
        bad = poisoned(copy.deepcopy(self.record), "n" * 1_000_000)
        path = self.page(bad)
        shown = self.look_at_everything(path)
        self.assertIn("n" * 100, shown)
        self.assertLess(max(len(line) for line in shown.split("\n")), 100_000)
        wide = self.browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
        self.assertLessEqual(wide, 0)

    def test_what_is_no_text_is_shown_byte_by_byte(self):
        bad = copy.deepcopy(self.record)
        bad["cases"][0]["brief"] = {"hex": "ff00e280ae41"}
        self.assertIn("\\xff\\x00\\xe2\\x80\\xaeA", self.look_at_everything(self.page(bad)))

    def test_an_injected_script_is_refused(self):
        """The second lock: even if text became markup, the page's policy would not run it."""
        path = self.page(self.record)
        html = path.read_text(encoding="utf-8").replace("</body>", "<script>pwned = 1</script><b onclick='pwned = 1'>x</b></body>")
        path.write_text(html, encoding="utf-8")
        page_browser.open_page(self.browser, path)
        page_browser.one(self.browser, "body > b").click()
        self.assertTrue(self.browser.execute_script("return typeof pwned === 'undefined'"))
        refused = [line["message"] for line in self.browser.get_log("browser")]
        self.assertTrue(refused and all("Content Security Policy" in message for message in refused), refused)
        with self.assertRaisesRegex(Exception, "TrustedHTML"):
            self.browser.execute_script("document.body.innerHTML = '<b>x</b>'")
        self.browser.get_log("browser")

    def test_an_empty_record(self):
        empty = copy.deepcopy(self.record)
        empty["cases"] = []
        shown = self.look_at_everything(self.page(empty))
        self.assertIn("No case ran", shown)


support.main()
