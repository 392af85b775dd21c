"""What breaks the rule of `odd_arguments` and is not mended yet, by room; it may only shrink."""

KNOWN: dict[str, str] = {
    "runner": """
        RunnerV1.evaluate RunnerV1.load_model RunnerV1.predict RunnerV1.save_model RunnerV1.train
        RunnerV2.evaluate RunnerV2.train RunnerV3.evaluate RunnerV3.export RunnerV3.predict
        RunnerV3.train load_state save_state solve_least_squares
    """,
}
