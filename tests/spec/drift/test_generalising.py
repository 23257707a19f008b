"""How much of a key is taken to be fixed: few words stay words, many become a field, values are known by their form."""

from __future__ import annotations

import random

import pytest

from tests.spec.drift.observing import base, drift_of, kinds, templates
from tests.world.names import Names

DOCUMENT = "- `known/{random}`: prose\n"
BINDINGS = '[templates."known/{random}"]\nfields = { random = "token(8)" }\n'
NAMES = Names(1, "generalising")
WORDS = [
    f"{first}{second}" for first in ("apple", "berry", "cherry") for second in ("-pie", "_jam", "cake", "", "wine")
]


def proposed(*keys: str) -> dict[str, int]:
    return templates(drift_of(base(DOCUMENT, BINDINGS), keys))


def test_few_folders_stay_and_many_become_a_field() -> None:
    few = [f"shop/{word}/list.txt" for word in WORDS[:8]]
    assert set(proposed(*few)) == set(few)
    many = [f"shop/{word}/list.txt" for word in WORDS[:9]]
    assert proposed(*many) == {"shop/{name}/list.txt": 9}


def test_folders_with_other_things_in_them_stay_beside_many_that_are_alike() -> None:
    alike = [f"shop/{word}/{NAMES.token(8)}.png" for word in WORDS]
    other = [f"shop/index/{NAMES.token(8)}.json", f"shop/deep/er/{NAMES.token(8)}.png"]
    assert proposed(*alike, *other) == {
        "shop/{name}/{random}.png": len(alike),
        "shop/index/{random}.json": 1,
        "shop/deep/er/{random}.png": 1,
    }


def test_extensions_stay() -> None:
    keys = [f"pictures/{NAMES.token(8)}.{extension}" for extension in ("png", "webp", "tar.gz") for _ in range(3)]
    assert proposed(*keys) == {f"pictures/{{random}}.{extension}": 3 for extension in ("png", "webp", "tar.gz")}


def test_words_that_differ_in_numbers_or_in_a_part() -> None:
    assert proposed(*(f"log/part-{number}.txt" for number in range(20))) == {"log/part-{number}.txt": 20}
    assert proposed(*(f"log/{number}x{number * 2}.txt" for number in range(20))) == {"log/{number}x{number_2}.txt": 20}
    assert proposed(*(f"log/by-{word}-hand" for word in WORDS)) == {"log/by-{name}-hand": len(WORDS)}


def test_many_reasons_before_a_time_become_a_field() -> None:
    keys = [f"backup/{word}-{1_700_000_000 + number}.bak" for number, word in enumerate(WORDS)]
    assert proposed(*keys) == {"backup/{name}-{timestamp}.bak": len(keys)}
    assert set(proposed(*keys[:2])) == {f"backup/{word}-{{timestamp}}.bak" for word in WORDS[:2]}


def test_many_hints_behind_a_time_become_the_kind_for_it() -> None:
    keys = [f"backup/{1_700_000_000 + number}{word}.bak" for number, word in enumerate(WORDS)]
    drift = drift_of(base(DOCUMENT, BINDINGS), keys)
    assert kinds(drift) == {"backup/{timestamp}.bak": {"timestamp": "timestamp(hint)"}}


@pytest.mark.parametrize("size", [4, 8, 16])
def test_small_letters_among_random_names_are_random_as_well(size: int) -> None:
    plain = {4: "abcdef", 8: "abcdefghijk", 16: "abcdefghijklmnopqrstuv"}[size]
    keys = [f"x/{name}.ts" for name in (plain, NAMES.token(size), NAMES.token(size), "-" + plain[1:], plain[:-1] + "_")]
    drift = drift_of(base(DOCUMENT, BINDINGS), keys)
    assert kinds(drift) == {"x/{random}.ts": {"random": f"token({size})"}}


def test_one_odd_word_does_not_make_many_words_random() -> None:
    words = ["master", "client", "orders", "people", "images", "videos", "drafts", "charts", "quotes", "iP4one"]
    assert proposed(*(f"x/{word}.txt" for word in words)) == {"x/{name}.txt": 10}


def test_digests_and_uuids_are_tokens_of_their_length() -> None:
    chance = random.Random(1)
    keys = [f"cas/{chance.randbytes(32).hex()}" for _ in range(2)]
    assert kinds(drift_of(base(DOCUMENT, BINDINGS), keys)) == {"cas/{random}": {"random": "token(48)"}}
    assert set(proposed("u/123e4567-e89b-12d3-a456-426614174000.json")) == {"u/{random}.json"}


def test_random_names_of_a_length_that_no_kind_is_known_for_need_company() -> None:
    chance = random.Random(1)
    keys = [f"x/{chance.randbytes(7).hex()}.bin" for _ in range(20)]  # 14 characters
    assert kinds(drift_of(base(DOCUMENT, BINDINGS), keys)) == {"x/{random}.bin": {"random": "token(10)"}}


def test_one_form_of_two_kinds_is_one_template_with_the_wider_kind() -> None:
    keys = [*(f"x/{NAMES.token(8)}" for _ in range(3)), *(f"x/{NAMES.token(16)}" for _ in range(3))]
    assert kinds(drift_of(base(DOCUMENT, BINDINGS), keys)) == {"x/{name}": {"name": "slug"}}


def test_nothing_is_proposed_for_the_top_of_the_bucket() -> None:
    keys = [f"file{number}.txt" for number in range(50)] + [NAMES.token(8) for _ in range(50)]
    drift = drift_of(base(DOCUMENT, BINDINGS), keys)
    assert drift.proposals == ()
    assert drift.left.objects == 100


def test_names_with_blanks_are_believed_when_they_are_many() -> None:
    keys = [f"letters/Dear {word} {number} é.txt" for number, word in enumerate(WORDS * 3)]
    assert proposed(*keys) == {"letters/Dear {name} é.txt": len(keys)}
    assert proposed(*(f"letters/{number}; {word}" for number, word in enumerate(WORDS))) == {}


def test_names_follow_the_document_and_are_different_in_a_template() -> None:
    keys = [
        f"x/{NAMES.uid('vn')}/{NAMES.uid('mal_o')}/{NAMES.token(8)}/{NAMES.token(8)}/7/{number}" for number in (8, 9)
    ]
    assert list(proposed(*keys)) == ["x/{vn_uid}/{mal_o_uid}/{random}/{random_2}/{number}/{number_2}"]


def test_a_word_before_a_token_is_seen_even_where_both_together_have_the_length_of_one() -> None:
    assert proposed("x/word-zQcs2A.ts") == {"x/word-{random}.ts": 1}
