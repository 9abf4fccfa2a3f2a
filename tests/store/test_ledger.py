"""The ledger: every figure with its chain, as others read it."""


def test_the_ledger_names_all_that_its_figures_rest_on(built):
    figures = built.ledger["figures"]
    assert {source for figure in figures for source in figure["sources"]} == built.ledger["sources"].keys()
    assert {each for figure in figures for each in figure["assumptions"]} == built.ledger["assumptions"].keys()
    assert all(built.ledger["assumptions"].values())


def test_the_ledger_and_the_geopackage_say_the_same(built):
    table = built.layers["figures"].set_index("figure_id")
    assert list(table.index) == [figure["figure_id"] for figure in built.ledger["figures"]]
    for figure in built.ledger["figures"]:
        row = table.loc[figure["figure_id"]]
        assert row["rows"].split("|") == (figure["rows"] or [""])
        assert row["sources"].split("|") == (figure["sources"] or [""])
        for bound in ("low", "high"):
            assert row[bound] == figure[bound] or (figure[bound] is None and row[bound] != row[bound])


def test_a_figure_is_known_by_its_id(built):
    ids = [figure["figure_id"] for figure in built.ledger["figures"]]
    assert len(ids) == len({*ids}) > 10
