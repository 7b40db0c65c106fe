"""What scripts ask of an entry of a JSON record's `cases`."""


def instance(case: dict) -> str:
    """Its name as ipcvet writes it: `pipe/eof`, or `pipe/eof[3]` for a row of a table."""
    return case["id"] if case["row"] is None else f"{case['id']}[{case['row']}]"
