"""`python -m benchmarks.continual`; what it calls is in a module that child processes can import too."""

from benchmarks.continual.command import main

if __name__ == "__main__":
    main()
