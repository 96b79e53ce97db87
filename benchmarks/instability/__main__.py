"""`python -m benchmarks.instability`; what it calls is in a module that child processes can import too."""

from benchmarks.instability.command import main

if __name__ == "__main__":
    main()
