"""`python -m tests.corpus.generated FOLDER`: writes the files."""

import argparse
from pathlib import Path

from tests.corpus.generated.all import write_all

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.generated")
    parser.add_argument("folder", type=Path)
    print(f"{write_all(parser.parse_args().folder)} files")
