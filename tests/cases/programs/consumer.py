import os
import sys

sys.path.insert(0, os.path.join(os.environ["NOMAD_TASK_DIR"], "lib"))
from greeting import TEXT  # noqa: E402

here = os.environ["NOMAD_TASK_DIR"]
print(TEXT, os.getuid() != 0, os.getcwd())
print("link", os.readlink(f"{here}/data/current"), os.path.samefile(f"{here}/data/same", f"{here}/data/numbers.txt"))
print("sum", sum(int(line) for line in open(f"{here}/data/current")))
print("to stderr", file=sys.stderr)
