"""The recipes for CI engines: every command line in them is run, with engine commands that are stand-ins.

The engines themselves are not here. What they read is parsed, where there is a parser (python3-yaml), and checked for
what they insist on; tmt judges its own plan where it is installed.
"""

import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import unittest

import support
from support import FAILS, PASSES

try:
    import yaml
except ImportError:
    yaml = None

RECIPES = support.SOURCE / "ci" / "recipes"
CHOICE = "--filter pipe/last-close* --filter needs/pipe-packets"


class Recipes(support.Test):
    def setUp(self):
        super().setUp()
        self.tools = self.directory / "tools"
        self.tools.mkdir()
        self.place = self.directory / "checkout"
        self.place.mkdir()
        (self.place / "ci").symlink_to(support.SOURCE / "ci")
        (self.place / "build-static").mkdir()
        (self.place / "build-static" / "ipcvet").symlink_to(support.PROGRAM)

    def tool(self, name, body):
        path = self.tools / name
        path.write_text("#!/bin/sh\n" + body + "\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def sh(self, command, cwd=None, **env):
        path = f"{self.tools}:{os.environ['PATH']}"
        done = subprocess.run(["/bin/sh", "-c", command], cwd=cwd or self.place, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=support.LIMIT,
                              env={**os.environ, "PATH": path, **{k: str(v) for k, v in env.items()}})
        return done

    def load(self, name):
        if yaml is None:
            self.skipTest("python3-yaml is not installed")
        return yaml.safe_load((RECIPES / name).read_text(encoding="utf-8"))

    def assert_reports(self, out, target="host"):
        for suffix in ("junit.xml", "html", "ktap", "kcidb.json", "md"):
            self.assertGreater((out / f"{target}.{suffix}").stat().st_size, 0, suffix)
        self.assertGreater((out / "matrix.html").stat().st_size, 0)
        self.assertIn("pass", (out / "summary.md").read_text())
        return json.loads((out / "records" / f"{target}.json").read_text())

    def test_report_leaves_everything(self):
        done = self.sh(f"ci/recipes/report out {CHOICE}")
        self.assertEqual(0, done.returncode, done.stderr)
        record = self.assert_reports(self.place / "out")
        self.assertEqual({"pass"}, {case["verdict"] for case in record["cases"]})

    def test_report_tells_a_deviation_and_a_target_in_trouble(self):
        fails = self.write_case(FAILS)
        self.assertEqual(1, self.sh(f"ci/recipes/report out {fails}").returncode)
        self.assert_reports(self.place / "out")
        baseline = self.directory / "known.toml"
        baseline.write_text('[[expect]]\ncase = "pipe/fails"\nverdict = "fail"\nreason = "a test"\n')
        done = self.sh(f"ci/recipes/report out {fails}", IPCVET_BASELINES=baseline)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        done = self.sh(f"ci/recipes/report out {fails}", IPCVET_TARGETS="command:false")
        self.assertEqual(3, done.returncode, done.stderr)
        self.assertEqual(2, self.sh("ci/recipes/report").returncode)

    def test_github(self):
        workflow = self.load("github.yml")
        inputs = workflow[True]["workflow_call"]["inputs"]  # YAML takes the key `on` for a truth value
        job = workflow["jobs"]["ipcvet"]
        text = (RECIPES / "github.yml").read_text()
        self.assertEqual(set(re.findall(r"inputs\.(\w+)", text)), set(inputs))
        for step in job["steps"]:
            self.assertEqual(1, len({"uses", "run"} & set(step)), step)
        steps = {step["name"]: step for step in job["steps"]}
        self.assertTrue(os.access(self.place / steps["Build"]["run"], os.X_OK))
        values = {"targets": "host", "baselines": "", "arguments": CHOICE}

        def run(name, **env):
            for key, value in steps[name].get("env", {}).items():
                env[key] = re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda m: values[m[1]], value)
            return self.sh(steps[name]["run"], **env)

        self.assertEqual(0, run("Fetch what the targets need").returncode)
        done = run("Run")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assert_reports(self.place / steps["Keep the reports"]["with"]["path"])
        summary = self.directory / "summary"
        self.assertEqual(0, run("Show the summary", GITHUB_STEP_SUMMARY=summary).returncode)
        self.assertIn("pass", summary.read_text())

    def test_gitlab(self):
        job = self.load("gitlab.yml")[".ipcvet"]
        # A repository of its own to clone, in which building is a stand-in.
        source = self.directory / "source"
        (source / "ci").mkdir(parents=True)
        shutil.copytree(RECIPES, source / "ci" / "recipes")
        for name in ("lib.sh", "apt.sh", "install"):
            shutil.copy(support.SOURCE / "ci" / name, source / "ci" / name)
        (source / "ci" / "static").write_text(f"#!/bin/sh\nmkdir -p build-static && cp {support.PROGRAM} build-static/ipcvet\n")
        (source / "ci" / "static").chmod(0o755)
        git = "git -c user.name=a -c user.email=a@b -c init.defaultBranch=main"
        self.assertEqual(0, self.sh(f"{git} init -q . && git add . && {git} commit -q -m all", cwd=source).returncode)
        builds = self.directory / "builds"
        builds.mkdir()
        variables = {**job["variables"], "IPCVET_SOURCE": source, "IPCVET_ARGUMENTS": CHOICE}
        lines = job["before_script"] + job["script"]
        done = self.sh("set -e\n" + "\n".join(lines), cwd=builds, **variables)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assert_reports(builds / job["artifacts"]["paths"][0])
        # Again, as with a checkout that was kept.
        done = self.sh("set -e\n" + "\n".join(lines), cwd=builds, **variables)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_lava(self):
        job = self.load("lava/job.yaml")
        self.assertEqual(["deploy", "boot", "test"], [next(iter(action)) for action in job["actions"]])
        for key in ("job_name", "device_type", "timeouts", "priority", "visibility"):
            self.assertIn(key, job)
        inline = job["actions"][2]["test"]["definitions"][0]
        self.assertEqual("inline", inline["from"])
        told = self.directory / "told"
        self.tool("wget", 'case $3 in PROGRAM_URL) cp "$PROGRAM" "$2" ;; SCRIPT_URL) cp "$SCRIPT" "$2" ;; *) exit 9 ;; esac')
        self.tool("lava-test-case", f'echo "$@" >>{told}')
        fails = self.write_case(FAILS)
        for arguments, run in ((CHOICE, "pass"), (f"{fails} {self.write_case(PASSES)}", "fail")):
            told.write_text("")
            board = self.directory / "board"
            board.mkdir(exist_ok=True)
            steps = "set -e\n" + "\n".join(inline["repository"]["run"]["steps"])
            done = self.sh(steps, cwd=board, PROGRAM=support.PROGRAM, SCRIPT=RECIPES / "lava" / "run.sh",
                           IPCVET_ARGUMENTS=arguments)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertIn(f"ipcvet --result {run}", told.read_text().splitlines())
        self.assertIn("pipe.fails --result fail", told.read_text().splitlines())
        self.assertIn("pipe.passes --result pass", told.read_text().splitlines())

    def test_tmt(self):
        data = self.directory / "data"
        fails, passes = self.write_case(FAILS), self.write_case(PASSES)
        for arguments, status in ((CHOICE, 0), (f"{fails} {passes}", 1)):
            done = self.sh("sh ./run.sh", cwd=RECIPES / "tmt", TMT_TEST_DATA=data, IPCVET=support.PROGRAM,
                           IPCVET_ARGUMENTS=arguments)
            self.assertEqual(status, done.returncode, done.stderr)
        text = (data / "results.yaml").read_text()
        self.assertTrue(text.startswith("- name: /\n  result: fail\n"))
        self.assertIn("- name: /pipe/fails\n  result: fail\n", text)
        self.assertIn("- name: /pipe/passes\n  result: pass\n", text)
        plan = self.load("tmt/ipcvet.fmf")
        self.assertEqual("custom", plan["/test"]["result"])
        self.assertTrue((RECIPES / "tmt" / ".fmf" / "version").exists())

    @unittest.skipUnless(shutil.which("tmt"), "tmt is not installed")
    def test_tmt_takes_the_plan(self):
        done = self.sh("tmt lint", cwd=RECIPES / "tmt")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_kernelci(self):
        record = self.directory / "record.json"
        support.Run(["run", self.write_case(PASSES), self.write_case(FAILS), "--json", record], record=False)
        posted = self.directory / "posted"
        done = self.sh(f"ci/recipes/kernelci/submit {record}", KCIDB_ORIGIN="my_lab", KCIDB_SUBMIT=f"cat >{posted}",
                       IPCVET=support.PROGRAM)
        self.assertEqual(0, done.returncode, done.stderr)
        report = json.loads(posted.read_text())
        self.assertEqual(2, len(report["tests"]))
        for kind in ("checkouts", "builds", "tests"):
            self.assertEqual({"my_lab"}, {item["origin"] for item in report[kind]})
            self.assertTrue(all(item["id"].startswith("my_lab:") for item in report[kind]))
        self.assertEqual({report["builds"][0]["id"]}, {test["build_id"] for test in report["tests"]})

        self.tool("curl", f'for word in "$@"; do echo "$word"; done >{posted}')
        done = self.sh(f"ci/recipes/kernelci/submit {record}", KCIDB_REST="https://example.org", KCIDB_TOKEN="secret",
                       IPCVET=support.PROGRAM)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("Authorization: Bearer secret", posted.read_text())
        wrong = self.sh(f"ci/recipes/kernelci/submit {record}", KCIDB_ORIGIN="My Lab", IPCVET=support.PROGRAM)
        self.assertEqual(2, wrong.returncode)


if __name__ == "__main__":
    support.main()
