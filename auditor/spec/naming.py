"""The common root and the families' names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.spec.template import Template


def common_root(templates: Sequence[Template]) -> str:
    """The folders that the literal beginnings of all templates share; none for a single template.

    >>> from auditor.spec.template import Literal
    >>> common_root([Template(text, 1, 1, (Literal(text, 1, 1),)) for text in ("s3/a/x", "s3/b/y")])
    's3/'
    """
    if len(templates) < 2:
        return ""
    first, last = min(template.literal for template in templates), max(template.literal for template in templates)
    shared = 0
    while shared < len(first) and first[shared] == last[shared : shared + 1]:
        shared += 1
    return first[: first.rfind("/", 0, shared) + 1]


def family_names(templates: Sequence[Template], root: str, given: Mapping[str, str]) -> list[str]:
    """One name for each template, all different: the given one (by template text) or the literal folders.

    Of names that clash, those that were given come before those that are derived, and then the earlier template
    before the later; all but the first get a suffix, `-2`, `-3` and so on.
    """
    names: dict[int, str] = {}
    numbers: dict[str, int] = {}
    order = sorted(range(len(templates)), key=lambda index: templates[index].text not in given)
    for index in order:
        text = templates[index].text
        names[index] = _unused(given.get(text) or _derived(text, root), numbers)
    return [names[index] for index in range(len(templates))]


def _derived(text: str, root: str) -> str:
    """The folders without a field, less the root; where none is left, the root's last folder or the whole text.

    >>> _derived("s3_files/audio/{uid}/mp4/{target bitrate}/{random}.mp4", "s3_files/")
    'audio/mp4'
    """
    if folders := _folders(text.removeprefix(root)):
        return "/".join(folders)
    if text.startswith(root) and (folders := _folders(root)):
        return folders[-1]
    return text


def _folders(text: str) -> list[str]:
    # A field's name may hold a slash, so braces are counted rather than folders searched for them.
    folders, depth, current = [], 0, ""
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "/" and depth == 0:
            folders.append(current)
            current = ""
        else:
            current += character
    return [folder for folder in folders if folder and "{" not in folder]


def _unused(name: str, numbers: dict[str, int]) -> str:
    """The name, with the next number if it is taken; `numbers` has each name that is, with the last number it gave."""
    candidate = name
    while candidate in numbers:
        numbers[name] += 1
        candidate = f"{name}-{numbers[name]}"
    numbers[candidate] = 1
    return candidate
