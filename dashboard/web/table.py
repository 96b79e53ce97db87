"""Tables on pages, which Streamlit lets a reader download as CSV: no cell of them is run by a spreadsheet."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from ..services.comparison.tables import for_spreadsheets


def dataframe(data: Any, **how: Any) -> Any:
    """`st.dataframe` of a table whose texts may come from a log."""
    return st.dataframe(for_spreadsheets(data) if isinstance(data, pd.DataFrame) else data, **how)
