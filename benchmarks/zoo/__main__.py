"""`python -m benchmarks.zoo`; what it calls is in a module that child processes can import too."""

from benchmarks.zoo.command import main

if __name__ == "__main__":
    raise SystemExit(main())
