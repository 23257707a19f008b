"""Coverage-guided fuzzing of what reads text or files from outside, with atheris (`make fuzz`, or the extra `fuzz`).

    python -m tests.fuzz document -max_total_time=600
    python -m tests.fuzz keys -max_total_time=600
    python -m tests.fuzz redis -max_total_time=600 (sqlite, archive, words, images, media)

Each target module has `one(data)`, which says what must hold for any bytes, and SEEDS; `test_fuzz.py` runs it on the
seeds in every test run. Arguments are libFuzzer's; a folder as the first of them keeps the corpus.
"""
