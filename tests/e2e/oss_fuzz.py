"""The build script of the fuzzing services: run with their variables set, it makes targets that run their corpora."""

import json
import os
import shutil
import subprocess
import zipfile

import support
from support import SOURCE

TARGETS = os.environ.get("IPCVET_OSS_FUZZ_TARGETS", "parser")


class OssFuzz(support.Test):
    def test_targets_are_built_as_the_environment_says(self):
        cxx = os.environ.get("CXX", "c++").split()
        if not shutil.which(cxx[-1]) or not shutil.which("meson") or not shutil.which("bash"):
            self.skipTest("no compiler, Meson or bash")
        places = {name: self.directory / name.lower() for name in ("SRC", "OUT", "WORK")}
        for place in places.values():
            place.mkdir()
        (places["SRC"] / "ipcvet").symlink_to(SOURCE)
        engine = self.directory / "engine.o"  # stands for an engine's library
        subprocess.run([*cxx, "-std=c++20", "-c", SOURCE / "fuzz" / "replay.cpp", "-o", engine], check=True)
        flags = "-O1 -fno-omit-frame-pointer -fsanitize=address -DSAID_BY_THE_ENVIRONMENT"
        environment = {**os.environ, **{k: str(v) for k, v in places.items()}, "LIB_FUZZING_ENGINE": str(engine),
                       "CFLAGS": flags, "CXXFLAGS": flags, "SANITIZER": "address", "TARGETS": TARGETS}
        script = ["bash", "-eu", SOURCE / "ci" / "oss-fuzz" / "build.sh"]
        refused = subprocess.run(script, env={**environment, "SANITIZER": "memory"}, capture_output=True, text=True)
        self.assertEqual(1, refused.returncode)
        self.assertIn("not instrumented", refused.stderr)
        done = subprocess.run(script, env=environment, capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        commands = json.loads((places["WORK"] / "build-ipcvet" / "compile_commands.json").read_text())
        self.assertTrue(all("SAID_BY_THE_ENVIRONMENT" in c["command"] and "-fsanitize=address" in c["command"] for c in commands
                            if c["file"].endswith("_target.cpp")))
        for target in TARGETS.split():
            out = places["OUT"] / f"{target}_target"
            replayed = subprocess.run([out, SOURCE / "fuzz" / "corpus" / target], capture_output=True, text=True)
            self.assertEqual(0, replayed.returncode, replayed.stderr)
            with zipfile.ZipFile(f"{out}_seed_corpus.zip") as seeds:
                self.assertEqual(sorted(os.listdir(SOURCE / "fuzz" / "corpus" / target)), sorted(seeds.namelist()))
            for kind in ("options", "dict"):
                if (SOURCE / "fuzz" / f"{target}.{kind}").exists():
                    self.assertTrue((places["OUT"] / f"{target}_target.{kind}").exists())


support.main()
