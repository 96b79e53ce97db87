"""Tables from CSV text: what is read, and what is said of a mistake."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import ScalingTable, read_table
from barograph.dashboard.analysis.scaling.table import guessed, header_of


def test_numbers_words_and_empty_cells():
    rows = read_table("name,params,tokens,loss,group,note\na,1e8,2e9,3.1,c4,x\nb,2e8,,2.9,c4,y\n\n")
    assert rows.names == ("a", "b") and rows.groups == ("c4", "c4") and "note" not in rows.columns
    assert rows.columns["params"].tolist() == [1e8, 2e8] and np.isnan(rows.columns["tokens"][1])
    assert rows.compute[0] == 6 * 1e8 * 2e9


def test_groups_that_look_like_numbers_are_names():
    assert read_table("loss,group\n3,1\n2,2\n").groups == ("1", "2")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs a header"),
        ("params,tokens,loss\n", "a row for each run"),
        ("params,loss\n1,2\n3\n", "line 3 has 1 cells, the header has 2"),
        ("params,tokens\n1,2\n", "needs a column `loss`"),
        ("params,loss\n1,low\n", "`loss` must hold numbers"),
    ],
)
def test_a_mistake_is_named(text, said):
    with pytest.raises(ValueError, match=said):
        read_table(text)


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="equally long"):
        ScalingTable({"params": np.ones(3), "loss": np.ones(2)})


def test_a_table_from_elsewhere_is_mapped():
    text = "name,dataset,model,tokens,N,loss_c4,loss_code,loss\na,c4,x,1e9,1e8,3.5,2,9\nb,rpj,y,2e9,1e8,3.4,1,9\n"
    rows = read_table(text, {"loss": "loss_c4", "params": "N", "tokens": "tokens", "group": "dataset", "name": "model"})
    assert rows.loss.tolist() == [3.5, 3.4] and rows.columns["params"].tolist() == [1e8, 1e8]
    assert rows.groups == ("c4", "rpj") and rows.names == ("x", "y")
    assert rows.columns["loss_code"].tolist() == [2, 1] and rows.columns["loss (column)"].tolist() == [9, 9]
    with pytest.raises(ValueError, match="no column lost; it has name, dataset"):
        read_table(text, {"loss": "lost"})


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("params,tokens,loss", {"loss": "loss", "params": "params", "tokens": "tokens"}),
        ("run,Model Size,Training Tokens,final_loss",
         {"loss": "final_loss", "params": "Model Size", "tokens": "Training Tokens", "name": "run"}),
        ("dataset,N,D,loss_web,loss_code", {"loss": "loss_web", "params": "N", "tokens": "D", "group": "dataset"}),
        ("width,accuracy", {}),
    ],
)  # fmt: skip
def test_columns_are_guessed_by_their_names(header, found):
    assert guessed(header_of(f"{header}\n1")) == found
