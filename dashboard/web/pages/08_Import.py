"""Brings in logs that other tools wrote: shown first, imported when the user confirms; and folders followed."""

from barograph.dashboard.web.imports import folders, panel

panel.draw()
folders.draw()
