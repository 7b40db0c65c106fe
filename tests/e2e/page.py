"""The HTML page in a browser: filters, links, the address, transcripts and swim lanes, keyboard, screen reader, light
and dark, paper, no script, several systems. Diagrams are held against the record they were made of."""

import base64
import copy

import page_browser
import support
from page_browser import Keys, all_of, one, texts
from support import BLOCKS, FAILS, PASSES

LANES = """\
case  pipe/lanes
brief "Who is blocked, who wakes whom, who is signalled, who dies"
spec  posix/pipe/bytes-in-order  shall

P  pipe([r, w]) = 0
P  fork() = W
P  fork() = V
P  sigaction(SIGUSR1, {sa_handler: log}, NULL) = 0
P  read(r, _, 16) ...  # empty: it blocks
W  kill(P, SIGUSR1) = 0
any order
  P  --- SIGUSR1 {si_pid: W}
  P  ... read(r, _, 16) = -1 EINTR
P  read(r, _, 16) ...
W  getpid() = W
P  ...
V  write(w, "bye", 3) = 3
P  ... read(r, "bye", 16) = 3
P  kill(W, SIGKILL) = 0
W  +++ killed by SIGKILL
V  exit(3) = ?
V  +++ exited 3
P  fcntl(w, F_GETPIPE_SZ) = ?capacity
"""
TABLE = """\
case  fifo/rows
brief "An instance a row"
spec  posix/fifo/first-in-first-out  shall

where  n
       1
       2
       3

P  pipe([r, w]) = 0
P  write(w, "a"*n, n) = n
"""


class Page(support.Test):
    @classmethod
    def setUpClass(cls):
        cls.browser = page_browser.start()
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self):
        super().setUp()
        self.path, self.json = self.directory / "page.html", self.directory / "record.json"
        cases = [TABLE.replace("posix/fifo/first-in-first-out", "posix/pipe/bytes-in-order"), PASSES, BLOCKS, FAILS, LANES]
        files = [self.write_case(text) for text in cases]
        done = support.run(*files)
        self.assert_status(1, done)
        self.record = done.record
        page_browser.page_of(self.path, page_browser.write_record(self.json, self.record))
        page_browser.media(self.browser)
        page_browser.resize(self.browser, 1360, 900)

    def tearDown(self):
        self.assertEqual([line for line in self.browser.get_log("browser")], [], "something is in the console")
        self.assertEqual(self.browser.execute_script("return performance.getEntriesByType('resource').length"), 0)
        super().tearDown()

    def open(self, fragment="", path=None):
        page_browser.open_page(self.browser, path or self.path, fragment)

    def rows(self):
        return [node.get_attribute("data-id") for node in all_of(self.browser, ".option")]

    def told(self):
        return one(self.browser, ".results .told").text

    def find(self, text):
        box = one(self.browser, "#find")
        box.clear()
        box.send_keys(text)

    def fragment(self):
        return self.browser.execute_script("return location.hash")

    def press(self, *keys):
        for key in keys:
            page_browser.focused(self.browser).send_keys(key)

    def second_system(self):
        """The same record as of another system, on which one more case fails and one is not there."""
        other = copy.deepcopy(self.record)
        other["system"]["release"] = "9.9.9"
        other["cases"] = [case for case in other["cases"] if case["id"] != "pipe/blocks"]
        passes = next(case for case in other["cases"] if case["id"] == "pipe/passes")
        passes.update(verdict="fail", reason="read returned -1 EIO, not 3", step=3, allowed="3", actual="-1 EIO")
        lanes = next(case for case in other["cases"] if case["id"] == "pipe/lanes")
        lanes["observations"][0]["value"] = 4096
        return page_browser.page_of(self.directory / "two.html", self.json,
                                    page_browser.write_record(self.directory / "other.json", other))

    # Filters, links and the address.

    def test_summary_counts_and_leads_to_the_results(self):
        self.open()
        counts = dict(zip(texts(self.browser, ".numbers span"), texts(self.browser, ".numbers b")))
        self.assertEqual(counts, {"pass": "6", "fail": "1"})
        self.assertEqual(texts(self.browser, ".deviations a"), ["pipe/fails"])
        one(self.browser, ".numbers .fail a").click()
        self.assertEqual(self.fragment(), "#results?verdict=fail")
        self.assertEqual(self.rows(), ["pipe/fails"])

    def test_filters(self):
        self.open("#results")
        everything = ["fifo/rows[1]", "fifo/rows[2]", "fifo/rows[3]", "pipe/passes", "pipe/blocks", "pipe/fails", "pipe/lanes"]
        self.assertEqual(self.rows(), everything)
        for text, found in (("blocks", ["pipe/blocks"]), ("WRONG", ["pipe/fails"]), ("pipe/b*", ["pipe/blocks"]),
                            ("fifo/rows[2]", ["fifo/rows[2]"]), ("fifo/* !*[2]", ["fifo/rows[1]", "fifo/rows[3]"]),
                            ("pipe/* !fails !lanes", ["pipe/passes", "pipe/blocks"]), ("n = 3", ["fifo/rows[3]"]),
                            ("xyz", ["pipe/fails"]), ("no such case", [])):
            with self.subTest(text):
                self.find(text)
                self.assertEqual(self.rows(), found)
                self.assertEqual(self.told(), f"{len(found)} of 7 cases")
        self.assertTrue(one(self.browser, ".nobody").is_displayed())
        one(self.browser, ".filters button.plain").click()
        self.assertEqual(self.rows(), everything)
        one(self.browser, "label[for=verdict-fail]").click()
        self.assertEqual(self.rows(), ["pipe/fails"])
        one(self.browser, "label[for=verdict-pass]").click()
        self.assertEqual(self.rows(), everything)
        one(self.browser, "label[for=verdict-fail]").click()
        one(self.browser, "#mechanism option[value=pipe]").click()
        self.assertEqual(self.rows(), ["pipe/passes", "pipe/blocks", "pipe/lanes"])
        self.assertEqual(texts(self.browser, ".chip.fail .count"), ["1"])
        one(self.browser, "#group option[value=requirement]").click()
        self.assertEqual(texts(self.browser, ".heading b"), ["posix/pipe/bytes-in-order", "posix/read/pipe-empty-blocks"])

    def test_the_address_holds_what_is_shown(self):
        self.open("#results")
        self.find("pipe/* !passes")
        one(self.browser, "label[for=verdict-pass]").click()
        one(self.browser, "#mechanism option[value=pipe]").click()
        one(self.browser, "#group option[value=requirement]").click()
        one(self.browser, "[data-id='pipe/lanes']").click()
        seen = (self.fragment(), self.rows(), self.told(), texts(self.browser, ".case h2"))
        self.assertEqual(seen[1:], (["pipe/lanes", "pipe/blocks"], "2 of 7 cases", ["pipe/lanes"]))
        self.open(seen[0])
        self.assertEqual((self.fragment(), self.rows(), self.told(), texts(self.browser, ".case h2")), seen)
        self.assertEqual(one(self.browser, "#find").get_attribute("value"), "pipe/* !passes")
        self.assertTrue(one(self.browser, "#verdict-pass").is_selected())
        self.open("#pipe/fails")  # an id alone is enough
        self.assertEqual(texts(self.browser, ".case h2"), ["pipe/fails"])
        self.open("#results?verdict=nonsense,fail&mechanism=none&system=99&case=%00&text=%ZZ&group=1")
        self.assertEqual(self.rows(), [])  # only what it knows
        self.open("#%E0%A4%A")
        self.assertTrue(one(self.browser, ".numbers").is_displayed())

    def test_back_leaves_the_case(self):
        self.open("#results")
        one(self.browser, "[data-id='pipe/fails']").click()
        self.assertEqual(texts(self.browser, ".case h2"), ["pipe/fails"])
        self.browser.back()
        self.assertTrue(one(self.browser, ".list").is_displayed())
        self.assertEqual(texts(self.browser, ".case h2"), [])
        self.browser.forward()
        self.assertEqual(texts(self.browser, ".case h2"), ["pipe/fails"])

    def test_requirements_lead_to_their_cases(self):
        self.open("#requirements")
        self.assertEqual(texts(self.browser, "tbody th a"), ["posix/pipe/bytes-in-order", "posix/read/pipe-empty-blocks"])
        self.assertEqual(texts(self.browser, "tbody .badge"), ["broken", "held"])
        one(self.browser, ".chip.fail").click()
        self.assertEqual(texts(self.browser, "tbody th a"), ["posix/pipe/bytes-in-order"])
        self.open("#requirements?status=uncited&text=pipe-no-writer-eof")
        self.assertEqual(texts(self.browser, "tbody th a"), ["posix/read/pipe-no-writer-eof"])
        self.open("#requirements?status=broken")
        one(self.browser, "tbody th a").click()
        self.assertEqual(len(self.rows()), 6)
        one(self.browser, ".chip.wanted").click()
        self.assertEqual(len(self.rows()), 7)

    # Transcripts and lanes.

    def test_transcript_shows_what_is_allowed_and_what_happened(self):
        self.open("#pipe/fails")
        self.assertEqual(texts(self.browser, ".line .gutter"), ["ok", "ok", ">>"])
        self.assertEqual(texts(self.browser, ".line code")[2], 'P  read(r, "xyz", 16) = 3')
        case = next(c for c in self.record["cases"] if c["id"] == "pipe/fails")
        self.assertEqual(texts(self.browser, ".difference code"), [case["allowed"], case["actual"]])
        self.assertEqual(texts(self.browser, ".reason"), [case["reason"]])
        self.assertIn("posix/pipe/bytes-in-order", texts(self.browser, ".rules a"))
        self.assertEqual(one(self.browser, ".mark.deviates").get_attribute("data-step"), "2")

    def test_comments_stay_and_proofs_are_told(self):
        self.open("#pipe/lanes")
        self.assertEqual(texts(self.browser, ".comment"), ["# empty: it blocks"])
        facts = one(self.browser, ".facts").text
        proofs = {e["proof"] for c in self.record["cases"] if c["id"] == "pipe/lanes" for e in c["history"] if "proof" in e}
        for proof in proofs:
            self.assertIn(proof, facts)
        self.assertIn("capacity = ", facts)
        self.assertIn("sandbox", facts)

    def test_lanes_are_the_history(self):
        self.open("#pipe/lanes")
        events = next(c for c in self.record["cases"] if c["id"] == "pipe/lanes")["history"]
        kinds = [e["kind"] for e in events]
        self.assertEqual([n.get_attribute("data-actor") for n in all_of(self.browser, ".lane")], ["P", "W", "V"])
        self.assertEqual(len(all_of(self.browser, "rect.span")), kinds.count("blocked"))
        self.assertEqual(len(all_of(self.browser, ".arrow.wakes")), sum(1 for e in events if e.get("woke")))
        self.assertEqual(len(all_of(self.browser, ".arrow.makes")), 2)
        self.assertEqual(len(all_of(self.browser, ".arrow.signals")), 2)  # SIGUSR1 to P, SIGKILL to W
        self.assertEqual(len(all_of(self.browser, ".mark.diamond[data-step]")), kinds.count("signal"))
        self.assertEqual(len(all_of(self.browser, ".mark.tick[data-step]")), kinds.count("still"))
        self.assertEqual((len(all_of(self.browser, ".mark.cross[data-step]")), len(all_of(self.browser, ".mark.bar[data-step]"))), (1, 1))
        self.assertIn("3 actors, 2 times blocked, 2 wake-ups, 2 signals, 2 ends",
                      one(self.browser, "svg.lanes").get_attribute("aria-label"))
        woken = [n.get_attribute("aria-label") for n in all_of(self.browser, ".mark.ring[data-step]")]
        self.assertEqual(woken, ["Line 9: P is woken by W", "Line 14: P is woken by V"])
        for name, actor in (("W", "W"), ("V", "V")):  # and the lines say so
            self.assertIn(f"woken by {name}", " ".join(texts(self.browser, ".remark")), actor)

    def test_marks_stand_at_their_lines(self):
        self.open("#pipe/lanes")
        apart = self.browser.execute_script("""
          const middle = (n) => { const r = n.getBoundingClientRect(); return (r.top + r.bottom) / 2; };
          return [...document.querySelectorAll(".mark[data-step]")].map((mark) => Math.abs(middle(mark.querySelector(".touch")) -
            middle(document.querySelector(`.line[data-step="${mark.dataset.step}"]`))));""")
        self.assertGreater(len(apart), 10)
        self.assertLess(max(apart), 2)

    def test_a_line_and_its_event_light_up_together(self):
        self.open("#pipe/lanes")
        hot = lambda: sorted({n.get_attribute("data-step") for n in all_of(self.browser, ".hot")})
        line, mark = one(self.browser, ".line[data-step='4']"), one(self.browser, ".mark.cap[data-step='4']")
        move = page_browser.webdriver.ActionChains(self.browser)
        move.move_to_element(line).perform()
        self.assertEqual(hot(), ["4"])
        self.assertIn("hot", mark.get_attribute("class"))
        move.move_to_element(one(self.browser, ".mark[data-step='5']")).perform()
        self.assertEqual(hot(), ["5"])
        self.assertIn("hot", one(self.browser, ".line[data-step='5']").get_attribute("class"))
        self.browser.execute_script("arguments[0].focus()", line)
        self.assertEqual(hot(), ["4"])
        self.press(Keys.ARROW_LEFT)  # to its event
        self.assertEqual(page_browser.focused(self.browser).get_attribute("aria-label"), "Line 5: P is blocked")
        self.press(Keys.ARROW_DOWN)
        self.assertEqual(page_browser.focused(self.browser).get_attribute("data-step"), "5")
        self.press(Keys.ARROW_RIGHT)  # and back to the line
        self.assertIn("kill(P, SIGUSR1)", page_browser.focused(self.browser).text)

    # Keyboard and screen reader.

    def test_keyboard_alone_is_enough(self):
        self.open("#results")
        seen = []
        for _ in range(40):
            page_browser.webdriver.ActionChains(self.browser).send_keys(Keys.TAB).perform()
            now = self.browser.execute_script("""
              const n = document.activeElement, shown = n.closest(".chip") ?? n;
              return [n.tagName, n.className || n.id || n.textContent, getComputedStyle(shown).outlineStyle !== "none" && parseFloat(getComputedStyle(shown).outlineWidth) >= 1];""")
            if now[0] == "BODY" or (seen and now == seen[0]):
                break
            self.assertTrue(now[2], f"no visible focus on {now}")
            seen.append(now)
        names = [name for _, name, _ in seen]
        self.assertEqual(names[0], "skip-link")
        self.assertEqual([n for n in names if n in ("find", "mechanism", "group", "list")], ["find", "mechanism", "group", "list"])
        one(self.browser, ".list").send_keys(Keys.END)
        self.press(Keys.ENTER)
        self.assertEqual(page_browser.focused(self.browser).get_attribute("id"), "case-title")
        self.assertEqual(texts(self.browser, ".case h2"), ["pipe/lanes"])
        self.press(Keys.ESCAPE)
        self.assertEqual(page_browser.focused(self.browser).get_attribute("role"), "listbox")
        self.press(Keys.HOME, Keys.ARROW_DOWN, Keys.ENTER)
        self.assertEqual(texts(self.browser, ".case h2"), ["fifo/rows[2]"])

    def test_what_a_screen_reader_is_told(self):
        for fragment in ("", "#results", "#pipe/lanes", "#requirements", "#observations", "#systems"):
            with self.subTest(fragment):
                self.open(fragment)
                tree = self.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
                nodes = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in tree if not n.get("ignored") and "role" in n]
                roles = {role for role, _ in nodes}
                self.assertLessEqual({"banner", "navigation", "main"}, roles)
                named = ("button", "link", "textbox", "searchbox", "combobox", "checkbox", "listbox", "option", "figure", "group", "img",
                         "image", "article", "navigation", "search")
                self.assertEqual([n for n in nodes if n[0] in named and not n[1]], [])
                headings = [int(tag[1]) for tag in self.browser.execute_script(
                    "return [...document.querySelectorAll('h1,h2,h3,h4')].filter((n) => n.offsetParent).map((n) => n.tagName)")]
                self.assertEqual(headings.count(1), 1)
                self.assertTrue(all(b - a <= 1 for a, b in zip(headings, headings[1:])), headings)

    def test_verdicts_differ_in_shape_and_not_in_colour_alone(self):
        self.open("#results")
        signs = self.browser.execute_script("return [...document.querySelectorAll('.chips .icon')].map((n) => n.innerHTML)")
        self.assertEqual(len(signs), 7)
        self.assertEqual(len(set(signs)), 7)

    # Light, dark, paper, small screens, no script.

    def test_light_and_dark(self):
        grounds = set()
        for scheme in ("light", "dark"):
            page_browser.media(self.browser, scheme=scheme)
            for fragment in ("", "#results?verdict=fail", "#pipe/fails", "#requirements", "#observations", "#systems"):
                self.open(fragment)
                ratio, where = self.browser.execute_script(page_browser.CONTRAST)
                self.assertGreaterEqual(ratio, 4.5, f"{scheme} {fragment}: {where}")
            grounds.add(self.browser.execute_script("return getComputedStyle(document.body).backgroundColor"))
        self.assertEqual(len(grounds), 2)
        self.open()  # the system prefers dark; the button goes auto, light, dark
        one(self.browser, ".theme").click()
        light = self.browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        one(self.browser, ".theme").click()
        dark = self.browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        self.assertEqual({light, dark}, grounds)
        one(self.browser, ".theme").click()

    def test_paper(self):
        for fragment, shown in (("", ".card"), ("#results", ".printed tr"), ("#pipe/lanes", ".lines"), ("#requirements", "tbody tr")):
            with self.subTest(fragment):
                page_browser.media(self.browser)
                self.open(fragment)
                page_browser.media(self.browser, "print", "dark")
                self.browser.execute_script("dispatchEvent(new Event('beforeprint'))")
                self.assertFalse(one(self.browser, ".tabs").is_displayed())
                self.assertTrue(one(self.browser, shown).is_displayed())
                self.assertEqual(self.browser.execute_script("return getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
                pdf = base64.b64decode(self.browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
                self.assertTrue(pdf.startswith(b"%PDF") and len(pdf) > 5000)

    def test_small_screens_scroll_one_way(self):
        for width in (320, 390, 768):
            page_browser.resize(self.browser, width, 800)
            for fragment in ("", "#results", "#pipe/lanes", "#requirements", "#observations", "#systems"):
                self.open(fragment)
                wide = self.browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
                self.assertLessEqual(wide, 0, f"{fragment} at {width}")
        page_browser.resize(self.browser, 390, 800)
        self.open("#results")
        one(self.browser, "[data-id='pipe/fails']").click()
        self.assertFalse(one(self.browser, ".list").is_displayed())
        one(self.browser, ".back").click()
        self.assertTrue(one(self.browser, ".list").is_displayed())

    def test_without_a_script_a_summary_stays(self):
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            self.open()
            text = one(self.browser, "#plain").text
        finally:
            self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        self.assertIn("pipe/fails", text)
        self.assertIn("mechanism", text)
        self.assertIn("need JavaScript", text)

    # Several systems.

    def test_systems_side_by_side(self):
        self.open("#results", self.second_system())
        self.assertEqual(len(all_of(self.browser, "[data-id='pipe/passes'] .sign-cell")), 2)
        one(self.browser, "label[for=differ]").click()
        self.assertEqual(self.rows(), ["pipe/passes", "pipe/blocks"])
        self.assertEqual(self.fragment(), "#results?differ=1")
        one(self.browser, "[data-id='pipe/passes']").click()
        self.assertEqual(texts(self.browser, ".case .reason"), ["read returned -1 EIO, not 3"])  # the worst first
        buttons = all_of(self.browser, ".choice button")
        self.assertEqual(["9.9.9" in b.text for b in buttons], [False, True])
        buttons[0].click()
        self.assertEqual(texts(self.browser, ".case .reason"), [])
        self.assertIn("on=1", self.fragment())
        one(self.browser, "#system option[value='1']").click()
        self.assertEqual(texts(self.browser, ".option .word"), ["fail"])
        self.open("#observations", self.directory / "two.html")
        self.assertEqual(texts(self.browser, "tbody td.mono")[1:], ["65536", "4096"])
        self.assertEqual(len(all_of(self.browser, "tr.differs")), 1)
        self.open("#systems", self.directory / "two.html")
        self.assertIn("9.9.9", one(self.browser, ".differs").text)


if __name__ == "__main__":
    support.main()
