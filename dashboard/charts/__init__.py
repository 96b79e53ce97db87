"""Drawings: names of frames in, Altair charts out; no Streamlit, no database, no arithmetic on what was recorded.

A chart names its data (`alt.NamedData`) and the page sends frames under these names. So the specification depends only
on what is shown and never on the points, which is what lets a live chart grow without being built anew.
"""
