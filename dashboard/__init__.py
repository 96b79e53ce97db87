"""The dashboard: analysis, charts, services, web pages and commands."""

if __name__ == "dashboard":
    raise ImportError("`dashboard` is a part of barograph since 0.2: write `from barograph.dashboard import ...`")
